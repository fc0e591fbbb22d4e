"""A run of TRL's GKDTrainer: what `deno task bench trl` compares with.

The rows are token ids, in the order of their steps, padded to the longest of a step. The divergence is TRL's generalised
Jensen–Shannon one: forward KL at beta 0. AdamW at a constant learning rate, gradients clipped at norm 1.

    echo '{"student": "FOLDER", "teacher": "FOLDER", "batches": [[{"ids": [...], "promptLength": 3}]], ...}' | python trl_run.py
"""
import json
import os
import resource
import sys
import tempfile
import time

os.environ.update({"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "TRL_EXPERIMENTAL_SILENCE": "1"})

import torch
import trl
from datasets import Dataset
from torch.utils.data import SequentialSampler
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl.experimental.gkd import GKDConfig, GKDTrainer

IGNORED = -100


class Watch(TrainerCallback):
    """Losses and seconds of the steps."""

    def __init__(self):
        self.losses, self.seconds, self.began = [], [], 0.0

    def on_step_begin(self, args, state, control, **kwargs):
        self.began = time.perf_counter()

    def on_step_end(self, args, state, control, **kwargs):
        self.seconds.append(time.perf_counter() - self.began)

    def on_log(self, args, state, control, logs=None, **kwargs):
        if "loss" in (logs or {}):
            self.losses.append(logs["loss"])


class InOrder(GKDTrainer):
    """Takes the rows as they come."""

    def _get_train_sampler(self, dataset=None):
        return SequentialSampler(dataset if dataset is not None else self.train_dataset)


def collate(padding):
    """Pads rows on the right, and their prompts on the left."""

    def padded(lists, value, left=False):
        width = max(map(len, lists))
        fill = [[value] * (width - len(one)) for one in lists]
        return torch.tensor([pad + one if left else one + pad for one, pad in zip(lists, fill)])

    def together(rows):
        ids = [row["ids"] for row in rows]
        prompts = [row["ids"][: row["promptLength"]] for row in rows]
        labels = [[IGNORED] * row["promptLength"] + row["ids"][row["promptLength"] :] for row in rows]
        return {
            "input_ids": padded(ids, padding),
            "attention_mask": padded([[1] * len(one) for one in ids], 0),
            "labels": padded(labels, IGNORED),
            "prompts": padded(prompts, padding, left=True),
            "prompt_attention_mask": padded([[1] * len(one) for one in prompts], 0, left=True),
        }

    return together


def main():
    settings = json.load(sys.stdin)
    torch.manual_seed(settings["seed"])
    tokenizer = AutoTokenizer.from_pretrained(settings["student"])
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    bfloat16 = settings["precision"] == "bfloat16"
    student = AutoModelForCausalLM.from_pretrained(settings["student"], dtype=torch.float32)
    teacher = AutoModelForCausalLM.from_pretrained(
        settings["teacher"], dtype=torch.bfloat16 if bfloat16 else torch.float32
    )
    batches, on_policy = settings["batches"], settings["policy"] == "on"
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        trainer = InOrder(
            student,
            teacher,
            GKDConfig(
                output_dir=folder,
                use_cpu=True,
                bf16=bfloat16,
                lmbda=1.0 if on_policy else 0.0,
                beta=settings["beta"],
                temperature=1.0,
                max_new_tokens=settings["maxNewTokens"],
                per_device_train_batch_size=len(batches[0]),
                max_steps=len(batches),
                learning_rate=settings["learningRate"],
                lr_scheduler_type="constant",
                weight_decay=0.0,
                max_grad_norm=1.0,
                gradient_checkpointing=settings["recompute"],
                logging_steps=1,
                save_strategy="no",
                report_to="none",
                disable_tqdm=True,
                seed=settings["seed"],
            ),
            data_collator=collate(tokenizer.pad_token_id),
            train_dataset=Dataset.from_list([row for batch in batches for row in batch]),
            processing_class=tokenizer,
            callbacks=[watch],
        )
        trainer.train()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures = {
        "losses": watch.losses,
        "seconds": watch.seconds,
        "peakMiB": round(peak / 1024),
        "version": f"{trl.__version__}, PyTorch {torch.__version__}",
    }
    sys.stdout = sys.__stdout__
    print(json.dumps(figures))


main()
