/**
 * RFC 3339 in UTC with milliseconds, `2026-11-22T05:05:21.123Z`, for milliseconds since 1970. The engine's Date is not used: loading it
 * costs every call of the program.
 */
export function rfc3339(milliseconds: number): string {
  const days = Math.floor(milliseconds / 86_400_000);
  const rest = Math.floor(milliseconds - days * 86_400_000);
  const { year, month, day } = civilDate(days);
  const hour = Math.floor(rest / 3_600_000);
  const minute = Math.floor(rest / 60_000) % 60;
  const second = Math.floor(rest / 1000) % 60;
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}.${pad(rest % 1000, 3)}Z`;
}

/**
 * The date of a day counted from 1970-01-01. Years are counted from March, so that the leap day ends a year; 400 of them, an era,
 * always have 146097 days.
 */
function civilDate(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

function pad(number: number, width: number): string {
  return String(number).padStart(width, "0");
}
