package survey

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"math/bits"
)

// The Merkle tree over a wave's groups follows RFC 6962, section 2.1: leaf and
// node hashes have different prefixes, so that a node can never pass as a
// leaf, and a tree of n leaves splits at the largest power of two below n.
const (
	leafPrefix = 0x00
	nodePrefix = 0x01
)

// MerkleRoot is the root over leaves in their order, hex. The root over no
// leaves is the SHA-256 of nothing, as in RFC 6962.
func MerkleRoot(leaves []Leaf) (string, error) {
	hashes, err := hashLeaves(leaves)
	if err != nil {
		return "", err
	}
	root := merkleHash(hashes)
	return hex.EncodeToString(root[:]), nil
}

// MerklePath is the audit path of leaf i, from the leaf's sibling up, hex.
func MerklePath(leaves []Leaf, i int) ([]string, error) {
	tree, err := NewMerkleTree(leaves)
	if err != nil {
		return nil, err
	}
	return tree.Path(i)
}

// MerkleTree keeps all hashes of a tree, two a leaf, so that the paths of many
// leaves are cheap to take. It never changes.
type MerkleTree struct {
	// levels begin with the leaves. A level holds the nodes over pairs of the
	// one before; a last node without a partner rises as it is. Bottom up this
	// gives the tree that splits at powers of two from above.
	levels [][][32]byte
}

// NewMerkleTree hashes leaves in their order.
func NewMerkleTree(leaves []Leaf) (*MerkleTree, error) {
	level, err := hashLeaves(leaves)
	if err != nil {
		return nil, err
	}
	t := &MerkleTree{levels: [][][32]byte{level}}
	for len(level) > 1 {
		next := make([][32]byte, 0, (len(level)+1)/2)
		for ; len(level) > 1; level = level[2:] {
			next = append(next, node(level[0], level[1]))
		}
		level = append(next, level...)
		t.levels = append(t.levels, level)
	}
	return t, nil
}

// Path is the audit path of leaf i, from the leaf's sibling up, hex.
func (t *MerkleTree) Path(i int) ([]string, error) {
	if i < 0 || i >= len(t.levels[0]) {
		return nil, fmt.Errorf("merkle path: leaf %d of %d", i, len(t.levels[0]))
	}
	path := make([]string, 0, len(t.levels))
	for _, level := range t.levels {
		if sibling := i ^ 1; sibling < len(level) {
			path = append(path, hex.EncodeToString(level[sibling][:]))
		}
		i /= 2
	}
	return path, nil
}

// VerifyMerklePath says whether leaf stands at place i of n leaves under root.
// A malformed root or path is simply not valid.
func VerifyMerklePath(leaf Leaf, i, n int, path []string, root string) bool {
	hash, err := leafHash(leaf)
	if err != nil || i < 0 || i >= n {
		return false
	}
	siblings := make([][32]byte, len(path))
	for j, s := range path {
		raw, err := hex.DecodeString(s)
		if err != nil || len(raw) != sha256.Size {
			return false
		}
		copy(siblings[j][:], raw)
	}
	got, ok := climb(hash, i, n, siblings)
	want, err := hex.DecodeString(root)
	return ok && err == nil && subtle.ConstantTimeCompare(got[:], want) == 1
}

func leafHash(leaf Leaf) ([32]byte, error) {
	raw, err := Canonical(leaf)
	if err != nil {
		return [32]byte{}, err
	}
	return sha256.Sum256(append([]byte{leafPrefix}, raw...)), nil
}

func hashLeaves(leaves []Leaf) ([][32]byte, error) {
	hashes := make([][32]byte, len(leaves))
	for i, leaf := range leaves {
		h, err := leafHash(leaf)
		if err != nil {
			return nil, err
		}
		hashes[i] = h
	}
	return hashes, nil
}

func node(left, right [32]byte) [32]byte {
	raw := append([]byte{nodePrefix}, left[:]...)
	return sha256.Sum256(append(raw, right[:]...))
}

func merkleHash(hashes [][32]byte) [32]byte {
	switch len(hashes) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return hashes[0]
	}
	cut := split(len(hashes))
	return node(merkleHash(hashes[:cut]), merkleHash(hashes[cut:]))
}

func climb(hash [32]byte, i, n int, path [][32]byte) ([32]byte, bool) {
	if n == 1 {
		return hash, len(path) == 0
	}
	if len(path) == 0 {
		return hash, false
	}
	cut, last := split(n), path[len(path)-1]
	if i < cut {
		left, ok := climb(hash, i, cut, path[:len(path)-1])
		return node(left, last), ok
	}
	right, ok := climb(hash, i-cut, n-cut, path[:len(path)-1])
	return node(last, right), ok
}

// split is the largest power of two below n, for n ≥ 2.
func split(n int) int {
	return 1 << (bits.Len(uint(n-1)) - 1)
}
