"""Executes one notebook with Jupyter's own client.

    python run_notebook.py NOTEBOOK EXECUTED SECONDS

writes the notebook with its outputs to EXECUTED and a line of JSON to standard output: {} after the last cell,
{"cell": 3, "error": "..."} after one that failed. Cells are counted from 1, texts among them, as a reader counts.
"""

import json
import os
import sys

from queue import Empty

import nbformat
from jupyter_client.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError, CellTimeoutError, DeadKernelError

# Seconds without a message after which a cell that says it is done has no more to show.
PATIENCE = 0.4


class PatientClient(NotebookClient):
    """The Deno kernel's word that it is idle may overtake what the cell has shown last: outputs are waited for."""

    async def _async_poll_output_msg(self, parent_msg_id, cell, cell_index):
        idle = False
        while True:
            try:
                message = await ensure_async(self.kc.iopub_channel.get_msg(timeout=PATIENCE if idle else None))
            except Empty:
                return
            if message["parent_header"].get("msg_id") != parent_msg_id:
                continue
            try:
                self.process_message(message, cell, cell_index)
            except CellExecutionComplete:
                idle = True


def main(path, executed, seconds):
    notebook = nbformat.read(path, as_version=4)
    client = PatientClient(
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
