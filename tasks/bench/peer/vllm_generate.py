"""Greedy generation by vLLM, random weights: what `deno task bench peer --writer vllm` compares with.

    echo '{"model": {...}, "batch": 16, "promptLength": 32, "newTokens": 128, ...}' | python vllm_generate.py
"""
import json
import os
import resource
import sys
import tempfile
import time

os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "2")
# One process, so that its memory is all of it.
os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
os.environ["VLLM_LOGGING_LEVEL"] = "ERROR"
# What it says goes where errors go: the line of figures is all that is printed.
figures = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import vllm  # noqa: E402


def main(settings):
    shape = settings["model"]
    config = {
        "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": shape["vocabulary"],
        "n_positions": 1024, "n_embd": shape["width"], "n_layer": shape["layers"], "n_head": shape["heads"],
    }
    batch, length, new = settings["batch"], settings["promptLength"], settings["newTokens"]
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "config.json"), "w") as file:
            json.dump(config, file)
        model = vllm.LLM(
            model=folder, skip_tokenizer_init=True, load_format="dummy", dtype=settings["precision"], seed=1,
            enforce_eager=True, max_model_len=1024, max_num_seqs=batch, enable_prefix_caching=False,
        )
        rows = [[(row * 31 + place * 17) % shape["vocabulary"] for place in range(length)] for row in range(batch)]
        prompts = [{"prompt_token_ids": row} for row in rows]
        sampling = vllm.SamplingParams(temperature=0, max_tokens=new, min_tokens=new, ignore_eos=True, detokenize=False)
        seconds = []
        for _ in range(settings["steps"] + 1):
            began = time.perf_counter()
            answers = model.generate(prompts, sampling, use_tqdm=False)
            seconds.append(time.perf_counter() - began)
            counts = {len(answer.outputs[0].token_ids) for answer in answers}
            assert counts == {new}, f"answers have {counts} tokens"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds[1:], "peakMiB": round(peak), "version": vllm.__version__}), file=figures, flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(json.load(sys.stdin))
