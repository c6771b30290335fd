/** Distance from the end, in pixels, within which a reader counts as following. */
const NEAR = 80;

/** Keeps the end of a growing text in sight, unless the reader has scrolled away from it. */
export function followScrolling(box) {
  let following = true;
  box.addEventListener("scroll", () => {
    following = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
  });
  const toEnd = () => {
    following = true;
    box.scrollTop = box.scrollHeight;
  };
  return { toEnd, follow: () => following && toEnd() };
}
