import { getDocument, GlobalWorkerOptions, VerbosityLevel } from "./vendor/pdf.min.mjs";

GlobalWorkerOptions.workerSrc = new URL("./vendor/pdf.worker.min.mjs", import.meta.url).href;

/**
 * The text layer of a PDF, page by page; nothing is recognized in scanned pages.
 *
 * @param {Uint8Array} bytes given away
 * @returns {Promise<string>} empty when it has no text layer
 */
export async function text(bytes) {
  // Text needs neither fonts nor generated code, which the page's security policy would not allow.
  const task = getDocument({
    data: bytes,
    isEvalSupported: false,
    disableFontFace: true,
    useWasm: false,
    verbosity: VerbosityLevel.ERRORS,
  });
  try {
    const document = await task.promise;
    const pages = [];
    for (let number = 1; number <= document.numPages; number++) {
      const page = await document.getPage(number);
      const { items } = await page.getTextContent();
      pages.push(items.map((item) => item.str + (item.hasEOL ? "\n" : "")).join(""));
    }
    return pages.join("\n\n").trim();
  } finally {
    await task.destroy();
  }
}
