/** What ties the process of a role to the supervisor that started it; in a jar of its own, so that nothing else comes with it. */
package io.tandem.deploy.tether;
