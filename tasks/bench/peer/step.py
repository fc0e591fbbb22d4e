"""A training step of distillation as loops in PyTorch are commonly written: what `deno task bench peer` compares with.

Every row is padded to 512 tokens; both models compute logits at every position; the loss mixes the next-token loss and
the α-mixture's forward KL by float32 softmaxes over all of them, here with all the weight on the latter; then AdamW.
Random weights.

    echo '{"student": {...}, "teacher": {...}, "rows": [{"ids": [...], "promptLength": 3}], ...}' | python step.py
"""
import json
import resource
import sys
import time

import torch

try:
    import transformers
except ImportError:
    transformers = None

LENGTH = 512
IGNORED = -100


class Block(torch.nn.Module):
    """A block of GPT-2, for machines without transformers; attention is PyTorch's own."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.first, self.second = torch.nn.LayerNorm(width), torch.nn.LayerNorm(width)
        self.qkv, self.out = torch.nn.Linear(width, 3 * width), torch.nn.Linear(width, width)
        self.up, self.down = torch.nn.Linear(width, 4 * width), torch.nn.Linear(4 * width, width)

    def forward(self, x, mask):
        rows, length, width = x.shape
        heads = (rows, length, self.heads, width // self.heads)
        q, k, v = (part.view(heads).transpose(1, 2) for part in self.qkv(self.first(x)).chunk(3, -1))
        attended = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.out(attended.transpose(1, 2).reshape(rows, length, width))
        return x + self.down(torch.nn.functional.gelu(self.up(self.second(x)), approximate="tanh"))


class Plain(torch.nn.Module):
    """GPT-2 of PyTorch's modules, called as transformers' is."""

    def __init__(self, shape):
        super().__init__()
        width = shape["width"]
        self.tokens = torch.nn.Embedding(shape["vocabulary"], width)
        self.positions = torch.nn.Embedding(1024, width)
        self.blocks = torch.nn.ModuleList(Block(width, shape["heads"]) for _ in range(shape["layers"]))
        self.norm = torch.nn.LayerNorm(width)
        for name, weight in self.named_parameters():
            if weight.dim() > 1:
                torch.nn.init.normal_(weight, std=0.02)

    def forward(self, input_ids, attention_mask, use_cache):
        length = input_ids.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool, device=input_ids.device).tril()
        mask = causal[None, None] & attention_mask.bool()[:, None, None]
        x = self.tokens(input_ids) + self.positions.weight[:length]
        for block in self.blocks:
            x = block(x, mask)
        return type("Output", (), {"logits": self.norm(x) @ self.tokens.weight.T})


def model_of(shape, dtype, device):
    with device:
        if transformers is None:
            return Plain(shape).to(dtype=dtype)
        config = transformers.GPT2Config(
            vocab_size=shape["vocabulary"], n_positions=1024, n_embd=shape["width"], n_layer=shape["layers"],
            n_head=shape["heads"], resid_pdrop=0, embd_pdrop=0, attn_pdrop=0,
        )
        return transformers.GPT2LMHeadModel(config).to(dtype=dtype)


def padded(rows, device):
    ids = torch.zeros(len(rows), LENGTH, dtype=torch.long)
    mask = torch.zeros_like(ids)
    labels = torch.full_like(ids, IGNORED)
    for at, row in enumerate(rows):
        tokens = torch.tensor(row["ids"][:LENGTH])
        ids[at, : len(tokens)] = tokens
        mask[at, : len(tokens)] = 1
        start = row["promptLength"]
        labels[at, start - 1 : len(tokens) - 1] = tokens[start:]
    return ids.to(device), mask.to(device), labels.to(device)


def mixture_loss(student, teacher, labels, alpha, weight):
    """KL(p, r) without the teacher's entropy, r being the α-mixture of p and q for α below 1; mean over the kept."""
    exponent = (1 - alpha) / 2
    p = torch.softmax(teacher, -1, dtype=torch.float32)
    q = torch.softmax(student, -1, dtype=torch.float32)
    mixed = (weight * p**exponent + (1 - weight) * q**exponent) ** (1 / exponent)
    log_r = torch.log(mixed) - torch.log(mixed.sum(-1, keepdim=True))
    kept = (labels != IGNORED).float().view(-1)
    per_token = torch.sum(p * log_r, -1).view(-1)
    return -torch.sum(per_token * kept) / kept.sum()


def main(settings):
    torch.manual_seed(1)
    device = torch.device(settings["device"])
    dtype = getattr(torch, settings["precision"])
    student, teacher = (model_of(settings[name], dtype, device) for name in ("student", "teacher"))
    teacher.eval()
    optimizer = torch.optim.AdamW(student.parameters(), lr=1e-4)
    batch, steps = settings["batch"], settings["steps"]
    seconds = []
    for step in range(steps + 1):
        rows = settings["rows"][step * batch : (step + 1) * batch]
        began = time.perf_counter()
        ids, mask, labels = padded(rows, device)
        logits = student(input_ids=ids, attention_mask=mask, use_cache=False).logits
        with torch.no_grad():
            taught = teacher(input_ids=ids, attention_mask=mask, use_cache=False).logits
        next_token = torch.nn.functional.cross_entropy(
            logits.float().view(-1, logits.shape[-1]), labels.view(-1), ignore_index=IGNORED
        )
        distilled = mixture_loss(logits, taught, labels, settings["alpha"], settings["lambda"])
        weight = settings["distillWeight"]
        loss = (1 - weight) * next_token + weight * distilled
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimizer.step()
        value = loss.item()
        seconds.append(time.perf_counter() - began)
        assert value == value, "the loss is not a number"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if device.type == "cuda":
        peak = torch.cuda.max_memory_reserved(device) / 2**20
    models = "models of PyTorch's modules" if transformers is None else f"transformers {transformers.__version__}"
    print(json.dumps({"seconds": seconds[1:], "peakMiB": round(peak), "version": torch.__version__, "models": models}))


main(json.load(sys.stdin))
