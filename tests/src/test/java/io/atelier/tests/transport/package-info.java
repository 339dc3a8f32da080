/** Tests of blobs and weight streams. */
package io.atelier.tests.transport;
