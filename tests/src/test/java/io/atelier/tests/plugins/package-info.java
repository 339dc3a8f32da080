/** What users bring along, and runs in programs that have more to do. */
package io.atelier.tests.plugins;
