// The appearance that a page gives to its elements (https://docs.stripe.com/elements/appearance-api), as properties.

const THEMES = { night: "night", dark: "night", stripe: "stripe", flat: "stripe" };
const VARIABLES = [
  "colorBackground",
  "colorText",
  "colorTextSecondary",
  "colorPrimary",
  "colorDanger",
  "borderRadius",
  "fontFamily",
  "fontSizeBase",
];

export function applyAppearance(appearance = {}) {
  const theme = THEMES[appearance.theme];
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const name of VARIABLES) {
    const value = appearance.variables?.[name];
    if (value) document.documentElement.style.setProperty(`--${name}`, value);
    else document.documentElement.style.removeProperty(`--${name}`);
  }
}
