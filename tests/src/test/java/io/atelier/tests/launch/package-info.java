/** Scripts and templates that start nodes: that they say what is valid, and do what they say. */
package io.atelier.tests.launch;
