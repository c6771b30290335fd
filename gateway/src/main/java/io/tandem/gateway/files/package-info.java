/** Uploaded files on disk: written aside, made durable, then visible at once; nothing of them is kept in memory. */
package io.tandem.gateway.files;
