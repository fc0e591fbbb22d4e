/**
 * All Jinja filters, with `tojson` as in transformers.
 *
 * @module
 */
import { attribute, missing, ownAttribute } from "./attributes.ts";
import { type Filter, filter } from "./filter.ts";
import { HTML_FILTERS } from "./filters_html.ts";
import { LIST_FILTERS } from "./filters_list.ts";
import { NUMBER_FILTERS } from "./filters_number.ts";
import { SELECT_FILTERS } from "./filters_select.ts";
import { TEXT_FILTERS } from "./filters_text.ts";
import { TO_JSON } from "./json.ts";
import { prettyText } from "./pretty_text.ts";
import { needText, truth } from "./protocol.ts";
import { Undefined } from "./value.ts";

const fallback = filter(
  "do_default(value, default_value='', boolean=False)",
  (_, value, fallback, isBoolean) =>
    value instanceof Undefined || (truth(isBoolean) && !truth(value)) ? fallback : value,
);

const attr = filter("do_attr(environment, obj, name)", (_, value, name) => {
  const own = needText(name, () => "attribute name must be string, not 'int'");
  return ownAttribute(value, own) === undefined ? missing(value, own) : attribute(value, own);
});

/** The filters by name. */
export const FILTERS: ReadonlyMap<string, Filter> = new Map(Object.entries({
  ...TEXT_FILTERS,
  ...LIST_FILTERS,
  ...SELECT_FILTERS,
  ...NUMBER_FILTERS,
  ...HTML_FILTERS,
  attr,
  d: fallback,
  default: fallback,
  pprint: filter("do_pprint(value)", (_, value) => prettyText(value)),
  tojson: TO_JSON,
}));
