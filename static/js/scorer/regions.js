// Where a ball went, in a scorer's words: as cricket/engine/shots.py, which says what x and y are. Pure.

export const LENGTHS = ["full toss", "yorker", "full", "good", "short"];
const OFF = ["mid-off", "cover", "point", "third"];
const LEG = ["mid-on", "midwicket", "square leg", "fine leg"];
const SIDES = ["in front", "ahead of square", "behind square", "fine"];
const STRAIGHT = 10;

// "straight", "behind", or the part of the field for a batter of this hand; null where it depends on a hand that is not
// known.
function regionOf(x, y, hand) {
  const angle = (Math.atan2(x, y) * 180) / Math.PI;
  const turned = Math.abs(angle);
  if (turned <= STRAIGHT) return "straight";
  if (turned >= 180 - STRAIGHT) return "behind";
  if (!hand) return null;
  return (angle > 0 === (hand === "right") ? OFF : LEG)[Math.min(3, Math.floor(turned / 45))];
}

// The region, or where it has no name the same part of the field by the striker's own right and left.
export function placeWords(x, y, hand) {
  const part = Math.min(3, Math.floor(Math.abs((Math.atan2(x, y) * 180) / Math.PI) / 45));
  return regionOf(x, y, hand) ?? `${SIDES[part]}, on the ${x > 0 ? "right" : "left"}`;
}

// The parts that can be chosen by name, clockwise from straight: [words, x, y], the middle of each, `far` hundredths of
// the way to the boundary.
export function placesOf(hand, far) {
  const at = (angle) => {
    const turn = (angle * Math.PI) / 180;
    return [Math.round(far * Math.sin(turn)), Math.round(far * Math.cos(turn))];
  };
  return [0, 27.5, 67.5, 112.5, 152.5, 180, 207.5, 247.5, 292.5, 332.5].map((angle) => {
    const [x, y] = at(angle);
    return [placeWords(x, y, hand), x, y];
  });
}
