// Package ballot holds the ballot boxes: a fixed number of slots of a fixed
// size, shuffled and sealed as one piece whenever they are written to disk.
//
// What lies on disk therefore tells nobody, the database administrator
// included, how many people have answered, in which order, or which bytes
// changed with which ballot: every seal is a fresh ciphertext of the same
// length. The keys live apart from the boxes and are destroyed with them.
//
// Answer sheets are opaque bytes here. The package knows no clock, no
// database and no person; randomness comes in as an io.Reader.
package ballot
