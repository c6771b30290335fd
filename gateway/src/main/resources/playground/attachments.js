/** Far above what servers take; below it, a file is read to find out what the server says. */
const MOST_BYTES = 64 * 1024 * 1024;
const PDF_MAGIC = "%PDF-";

/** A file that cannot be attached, with the reason for the user. */
export class AttachmentError extends Error {}

/**
 * Reads a file that the user chose, dropped or pasted.
 *
 * @param {File} file
 * @param {boolean} images whether the model reads pictures
 * @returns {Promise<{picture?: {name, uri}, document?: {title, text, bytes}}>}
 * @throws {AttachmentError} when it is nothing that can be read
 */
export async function read(file, images) {
  if (file.size > MOST_BYTES) {
    throw new AttachmentError(`${file.name} has ${size(file.size)}; no server takes that much at once.`);
  }
  if (file.type.startsWith("image/")) {
    if (!images) {
      throw new AttachmentError(`${file.name} is a picture, and this model reads none.`);
    }
    return { picture: { name: file.name, uri: await dataUri(file) } };
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const text = isPdf(bytes) ? await pdfText(file.name, bytes) : plainText(file.name, bytes);
  if (text.trim() === "") {
    throw new AttachmentError(`${file.name} holds no text.`);
  }
  return { document: { title: file.name, text, bytes: file.size } };
}

/** Bytes for people. */
export function size(bytes) {
  if (bytes < 1024) {
    return `${bytes} B`;
  }
  const unit = bytes < 1024 * 1024 ? ["kB", 1024] : ["MB", 1024 * 1024];
  return `${(bytes / unit[1]).toLocaleString("en", { maximumFractionDigits: 1 })} ${unit[0]}`;
}

function dataUri(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new AttachmentError(`${file.name} cannot be read: ${reader.error.message}`));
    reader.readAsDataURL(file);
  });
}

function isPdf(bytes) {
  return String.fromCharCode(...bytes.subarray(0, PDF_MAGIC.length)) === PDF_MAGIC;
}

async function pdfText(name, bytes) {
  // Large, and needed by few: loaded with the first PDF.
  const pdf = await import("./pdf.js");
  try {
    return await pdf.text(bytes);
  } catch (failure) {
    throw new AttachmentError(`${name} is a PDF that cannot be read: ${failure.message}`);
  }
}

function plainText(name, bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) {
      return text;
    }
  } catch {
    // Not UTF-8: said below.
  }
  throw new AttachmentError(`${name} is neither a text in UTF-8 nor a PDF nor a picture.`);
}
