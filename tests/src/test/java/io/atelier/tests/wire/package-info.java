/** What travels between nodes: every message, frames that are none, and who may send them. */
package io.atelier.tests.wire;
