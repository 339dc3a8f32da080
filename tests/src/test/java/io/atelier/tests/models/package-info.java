/** Model folders as people have them. */
package io.atelier.tests.models;
