const RECIPE =
  "Recipe for lemon bread. It makes 9 portions. The oven should be at 170 degrees. " +
  "Bake for 40 minutes. Serve it with salt.\n";
const PICTURE_SIDE = 112;

/** What the examples of the first screen attach and ask. */
export const SAMPLES = {
  document: async () => ({
    question: "What is the oven temperature?",
    files: [new File([RECIPE], "Lemon bread.txt", { type: "text/plain" })],
  }),
  picture: async () => ({ question: "What colour is the circle?", files: [await shapes()] }),
  plain: async () => ({ question: "Who are you?", files: [] }),
};

/** A red square and a blue circle. */
async function shapes() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = PICTURE_SIDE;
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, PICTURE_SIDE, PICTURE_SIDE);
  brush.fillStyle = "#dc1e23";
  brush.fillRect(14, 14, 30, 30);
  brush.fillStyle = "#2350dc";
  brush.beginPath();
  brush.arc(80, 80, 18, 0, 2 * Math.PI);
  brush.fill();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  return new File([blob], "shapes.png", { type: "image/png" });
}
