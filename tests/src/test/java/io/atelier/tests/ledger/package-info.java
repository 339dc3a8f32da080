/** Tests of the ledger by hand-worked examples, and of the file it leaves. */
package io.atelier.tests.ledger;
