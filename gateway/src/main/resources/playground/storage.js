/** What a browser keeps; one that keeps nothing (blocked, full) only forgets. */
export class Stored {
  /**
   * @param {Storage} storage localStorage or sessionStorage, as a function: touching a blocked one throws
   * @param {string} name of the entry
   */
  constructor(storage, name) {
    this.storage = storage;
    this.name = name;
  }

  read() {
    try {
      return this.storage().getItem(this.name);
    } catch {
      return null;
    }
  }

  /** @param {string|null} value null removes it */
  write(value) {
    try {
      if (value === null) {
        this.storage().removeItem(this.name);
      } else {
        this.storage().setItem(this.name, value);
      }
    } catch {
      // Kept for as long as the page is open.
    }
  }
}
