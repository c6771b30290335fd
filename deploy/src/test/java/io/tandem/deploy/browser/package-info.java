/** A real browser for tests: finds it, starts it, and uses a page as a person does. */
package io.tandem.deploy.browser;
