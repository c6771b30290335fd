/** The operations as plain loops: the readable specification that every other backend is tested against. */
package io.tandem.engine.ops.reference;
