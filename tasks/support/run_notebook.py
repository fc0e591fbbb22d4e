"""Executes one notebook with Jupyter's own client.

    python run_notebook.py NOTEBOOK EXECUTED SECONDS

writes the notebook with its outputs to EXECUTED and a line of JSON to standard output: {} after the last cell,
{"cell": 3, "error": "..."} after one that failed. Cells are counted from 1, texts among them, as a reader counts.
"""

import json
import os
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError


def main(path, executed, seconds):
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        kernel_name="deno",
        timeout=seconds,
        # Times of cells would make every run a change of the file.
        record_timing=False,
        resources={"metadata": {"path": os.path.dirname(os.path.abspath(path))}},
    )
    failure = {}
    with client.setup_kernel():
        for place, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, place)
            except CellExecutionError as error:
                failure = {"cell": place + 1, "error": f"{error.ename}: {error.evalue}"}
                break
            except CellTimeoutError:
                failure = {"cell": place + 1, "error": f"it ran for more than {seconds} seconds"}
                break
            except DeadKernelError:
                failure = {"cell": place + 1, "error": "the kernel died"}
                break
    nbformat.write(notebook, executed)
    print(json.dumps(failure))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
