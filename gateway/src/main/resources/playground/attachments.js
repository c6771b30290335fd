import { ApiError } from "./api.js";

/** A file that cannot be attached, with the reason for the user. */
export class AttachmentError extends Error {}

/**
 * Takes a file that the user chose, dropped or pasted: pictures stay here, documents go to the server, which reads them.
 *
 * @param {File} file
 * @param {boolean} images whether the model reads pictures
 * @param {import("./api.js").Api} api
 * @returns {Promise<{picture?: {name, uri}, document?: {title, id, bytes}}>}
 * @throws {AttachmentError} when it is nothing that can be read
 */
export async function take(file, images, api) {
  if (file.type.startsWith("image/")) {
    if (!images) {
      throw new AttachmentError(`${file.name} is a picture, and this model reads none.`);
    }
    return { picture: { name: file.name, uri: await dataUri(file) } };
  }
  let uploaded;
  try {
    uploaded = await api.upload(file);
  } catch (failure) {
    if (failure instanceof ApiError) {
      throw new AttachmentError(`${file.name} was not taken: ${failure.message}`);
    }
    throw failure;
  }
  if (uploaded.status === "error") {
    await api.remove(uploaded.id);
    throw new AttachmentError(`${file.name}: ${uploaded.status_details}`);
  }
  return { document: { title: file.name, id: uploaded.id, bytes: file.size } };
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
