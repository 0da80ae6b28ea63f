/** The languages that findings are worded in (design, decision 12). */
export type Language = "en" | "zh";
