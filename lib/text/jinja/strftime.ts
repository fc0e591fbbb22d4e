/**
 * Formats dates as C's `strftime` does in English.
 *
 * @module
 */
import { UnsupportedError } from "./errors.ts";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = ("January February March April May June July August September October November December").split(" ");

const DAY = 86_400_000;

/** The day of the year, from 0. */
function dayOfYear(date: Date): number {
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
  return Math.round((Date.UTC(year, month, day) - Date.UTC(year, 0, 1)) / DAY);
}

/** The week by ISO 8601, and the year that it belongs to. */
function isoWeek(date: Date): { year: number; week: number } {
  const monday = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate() - ((date.getDay() + 6) % 7));
  const thursday = new Date(monday + 3 * DAY);
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / DAY / 7) + 1 };
}

type Field = [value: number, width: number, fill: "0" | " "];

/** The fields that are numbers. */
function numberField(date: Date, letter: string): Field | undefined {
  const [hour, weekday] = [date.getHours(), date.getDay()];
  const twelve = hour % 12 || 12;
  switch (letter) {
    case "C":
      return [Math.floor(date.getFullYear() / 100), 2, "0"];
    case "d":
      return [date.getDate(), 2, "0"];
    case "e":
      return [date.getDate(), 2, " "];
    case "G":
      return [isoWeek(date).year, 4, "0"];
    case "g":
      return [isoWeek(date).year % 100, 2, "0"];
    case "H":
      return [hour, 2, "0"];
    case "I":
      return [twelve, 2, "0"];
    case "j":
      return [dayOfYear(date) + 1, 3, "0"];
    case "k":
      return [hour, 2, " "];
    case "l":
      return [twelve, 2, " "];
    case "M":
      return [date.getMinutes(), 2, "0"];
    case "m":
      return [date.getMonth() + 1, 2, "0"];
    case "S":
      return [date.getSeconds(), 2, "0"];
    case "s":
      return [Math.floor(date.getTime() / 1000), 1, "0"];
    case "U":
      return [Math.floor((dayOfYear(date) + 7 - weekday) / 7), 2, "0"];
    case "u":
      return [weekday || 7, 1, "0"];
    case "V":
      return [isoWeek(date).week, 2, "0"];
    case "W":
      return [Math.floor((dayOfYear(date) + 7 - ((weekday + 6) % 7)) / 7), 2, "0"];
    case "w":
      return [weekday, 1, "0"];
    case "Y":
      return [date.getFullYear(), 1, "0"];
    case "y":
      return [date.getFullYear() % 100, 2, "0"];
    default:
      return undefined;
  }
}

/** The composite fields. */
const COMPOUND: Readonly<Record<string, string>> = {
  c: "%a %b %e %H:%M:%S %Y",
  D: "%m/%d/%y",
  F: "%Y-%m-%d",
  R: "%H:%M",
  r: "%I:%M:%S %p",
  T: "%H:%M:%S",
  X: "%H:%M:%S",
  x: "%m/%d/%y",
};

/** The fields that are words. */
function wordField(date: Date, letter: string): string | undefined {
  const [day, month] = [DAYS[date.getDay()], MONTHS[date.getMonth()]];
  const half = date.getHours() < 12 ? "AM" : "PM";
  const words: Record<string, string> = {
    "%": "%",
    A: day,
    a: day.slice(0, 3),
    B: month,
    b: month.slice(0, 3),
    h: month.slice(0, 3),
    f: String(date.getMilliseconds() * 1000).padStart(6, "0"),
    n: "\n",
    P: half.toLowerCase(),
    p: half,
    t: "\t",
    Z: "",
    z: "",
  };
  return Object.hasOwn(words, letter) ? words[letter] : undefined;
}

/**
 * Formats a time in the local time zone, without naming it: `datetime.now().strftime(format)` in Python on Linux.
 *
 * @param date The time.
 * @param format Text with fields such as `%d %b %Y`; `%-d` omits leading zeros, `%_d` pads with spaces, `%^b` is upper
 * case.
 * @throws {UnsupportedError} If a field is not supported.
 */
export function strftime(date: Date, format: string): string {
  return format.replace(/%([-_0^]*)([\s\S]?)/g, (whole, flags: string, letter: string) => {
    const compound = Object.hasOwn(COMPOUND, letter) ? strftime(date, COMPOUND[letter]) : undefined;
    const word = compound ?? wordField(date, letter);
    if (word !== undefined) return flags.includes("^") ? word.toUpperCase() : word;
    const field = numberField(date, letter);
    if (!field) throw new UnsupportedError(`the field "${whole}" of a date`);
    const [value, width, fill] = field;
    const filler = flags.includes("0") ? "0" : flags.includes("_") ? " " : fill;
    return flags.includes("-") ? String(value) : String(value).padStart(width, filler);
  });
}
