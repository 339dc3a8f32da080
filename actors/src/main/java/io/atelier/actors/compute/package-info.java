/**
 * Where model, data and settings become the compute objects that actors own. Everything here is
 * made on the thread that will use it.
 */
package io.atelier.actors.compute;
