/** Container files, compose and Kubernetes manifests: composed, typed, and checked against the settings and ports of the apps. */
package io.tandem.deploy.manifests;
