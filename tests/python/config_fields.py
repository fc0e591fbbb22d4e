"""What transformers knows of config.json files: their fields, and what becomes of logits when a field is changed.

    python config_fields.py FOLDER CASES

FOLDER has a saved model of each family in a folder of its name; CASES is a JSON file of {"family", "changes"}. Prints JSON
{"fields": {family: names}, "logits": [list or error]}: the fields of the family's configuration class, the attributes that
the code of its model and of attention masks reads of a configuration, and for each case the logits of ids.json with
config.json changed so.
"""
import dataclasses
import functools
import inspect
import json
import pathlib
import re
import sys
import warnings

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig, masking_utils
from transformers.initialization import no_init_weights
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity(transformers.logging.CRITICAL)
transformers.logging.disable_progress_bar()
torch.set_num_threads(1)

# Attributes that code reads of a configuration and that are no fields: methods, and what is computed.
METHODS = {"num_labels", "to_dict", "per_layer_config", "get_text_config", "is_heterogeneous", "standardize_rope_params"}


def fields(family):
    config_class = CONFIG_MAPPING[family]
    names = {field.name for field in dataclasses.fields(config_class)}
    names |= set(config_class.attribute_map) | set(config_class().to_dict())
    names |= set(GenerationConfig._get_default_generation_params())
    model_class = MODEL_FOR_CAUSAL_LM_MAPPING[config_class]
    for module in [inspect.getmodule(model_class), masking_utils]:
        source = inspect.getsource(module)
        names |= set(re.findall(r"\bconfig\.([a-z_][a-z_0-9]*)(?!\w|\()", source))
        names |= set(re.findall(r"getattr\((?:self\.)?\w*config, \"(\w+)\"", source))
    return sorted(names - METHODS)


def read(folder):
    """The model of a folder, as transformers reads it."""
    return AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()


def shape(model):
    """What decides which of a file's tensors go where: names, shapes, ties."""
    return {name: tensor.shape for name, tensor in model.state_dict().items()}, model.config.tie_word_embeddings


@functools.cache
def unchanged(folder):
    model = read(folder)
    return model.state_dict(), shape(model)


def changed(folder):
    """The model of a folder, with the weights that are in memory where they fit as they are: reading takes far longer."""
    state, wanted = unchanged(folder)
    config = AutoConfig.from_pretrained(folder)
    if hasattr(config, "quantization_config"):
        return read(folder)
    with no_init_weights():
        model = AutoModelForCausalLM.from_config(config, attn_implementation="eager", dtype=torch.float32).eval()
    if shape(model) != wanted:
        return read(folder)
    model.load_state_dict(state)
    return model


def logits(folder, changes, ids):
    unchanged(folder)
    path = pathlib.Path(folder, "config.json")
    original = path.read_text()
    path.write_text(json.dumps(json.loads(original) | changes))
    try:
        model = changed(folder)
        model.config.output_router_logits = False  # else losses come before logits
        with torch.no_grad():
            return model(ids)[0].flatten().tolist()
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    finally:
        path.write_text(original)


root = sys.argv[1]
with open(sys.argv[2]) as file:
    cases = json.load(file)
families = sorted({case["family"] for case in cases})
results = []
for case in cases:
    folder = f"{root}/{case['family']}"
    ids = torch.tensor(json.loads(pathlib.Path(folder, "ids.json").read_text()))
    results.append(logits(folder, case["changes"], ids))
print(json.dumps({"fields": {family: fields(family) for family in families}, "logits": results}))
