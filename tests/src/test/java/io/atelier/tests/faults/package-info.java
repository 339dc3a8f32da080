/** What people do wrong or unusually, as a table: an identifier, an input, what is right. */
package io.atelier.tests.faults;
