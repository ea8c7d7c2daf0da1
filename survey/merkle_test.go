package survey

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// RFC 6962, section 2.1: the hash of an empty list is the hash of nothing.
func TestTheRootOverNoGroupsIsTheHashOfNothing(t *testing.T) {
	const want = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // sha256sum /dev/null
	if got, err := MerkleRoot(nil); err != nil || got != want {
		t.Errorf("root = %s, %v; want %s", got, err, want)
	}
}

// The roots over the first one to eight of these inputs are those of the
// reference tests of Certificate Transparency, whose log is RFC 6962's.
func TestRootsAreThoseOfRFC6962(t *testing.T) {
	inputs := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	roots := []string{
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	var hashes [][32]byte
	for i, input := range inputs {
		raw, err := hex.DecodeString(input)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, sha256.Sum256(append([]byte{leafPrefix}, raw...)))
		if got := merkleHash(hashes); hex.EncodeToString(got[:]) != roots[i] {
			t.Errorf("root over %d inputs = %x, want %s", i+1, got, roots[i])
		}
	}
}

func TestALeafIsHashedAsCanonicalJSONBehindItsPrefix(t *testing.T) {
	leaf := Leaf{Group: "b:1", Units: []string{"A & B", "Ç"}, Headcount: 7, Way: Paper, Salt: "00ff"}
	want := sha256.Sum256([]byte("\x00" + `{"group":"b:1","headcount":7,"salt":"00ff","units":["A & B","Ç"],"way":"paper"}`))
	if got, err := MerkleRoot([]Leaf{leaf}); err != nil || got != hex.EncodeToString(want[:]) {
		t.Errorf("root over one leaf = %s, %v; want %x", got, err, want)
	}
}

func anyLeaves() *rapid.Generator[[]Leaf] {
	return rapid.Custom(func(t *rapid.T) []Leaf {
		leaves := make([]Leaf, rapid.IntRange(1, 40).Draw(t, "leaves"))
		for i := range leaves {
			leaves[i] = Leaf{
				Group: fmt.Sprint("g", i), Units: []string{rapid.StringMatching(`[A-C] / [A-C]`).Draw(t, "unit")},
				Headcount: rapid.IntRange(5, 9).Draw(t, "headcount"), Way: Electronic, Salt: fmt.Sprintf("%032x", i),
			}
		}
		return leaves
	})
}

func TestEveryLeafIsProvedByItsPathAndByNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := anyLeaves().Draw(t, "leaves")
		n := len(leaves)
		root, err := MerkleRoot(leaves)
		if err != nil {
			t.Fatal(err)
		}
		for i, leaf := range leaves {
			path, err := MerklePath(leaves, i)
			if err != nil {
				t.Fatal(err)
			}
			if want := math.Ceil(math.Log2(float64(n))); float64(len(path)) > want {
				t.Fatalf("the path of leaf %d of %d has %d steps, more than %v", i, n, len(path), want)
			}
			if !VerifyMerklePath(leaf, i, n, path, root) {
				t.Fatalf("leaf %d of %d does not verify", i, n)
			}
			for _, change := range []func(*Leaf){
				func(l *Leaf) { l.Group += "x" },
				func(l *Leaf) { l.Units = append([]string{"x"}, l.Units...) },
				func(l *Leaf) { l.Headcount++ },
				func(l *Leaf) { l.Way = Paper },
				func(l *Leaf) { l.Salt = "" },
			} {
				changed := leaf
				if change(&changed); VerifyMerklePath(changed, i, n, path, root) {
					t.Fatalf("leaf %d verifies as %+v", i, changed)
				}
			}
			for j := -1; j <= n; j++ {
				if j != i && VerifyMerklePath(leaf, j, n, path, root) {
					t.Fatalf("leaf %d verifies at place %d of %d", i, j, n)
				}
			}
			for j := range path {
				for name, other := range map[string][]string{
					"changed": replaced(path, j, strings.Map(turn, path[j])),
					"cut":     append(append([]string{}, path[:j]...), path[j+1:]...),
					"doubled": append(append([]string{}, path[:j+1]...), path[j:]...),
					"short":   replaced(path, j, path[j][2:]),
					"no hex":  replaced(path, j, "x"+path[j][1:]),
				} {
					if VerifyMerklePath(leaf, i, n, other, root) {
						t.Fatalf("leaf %d of %d verifies with step %d %s", i, n, j, name)
					}
				}
			}
			for _, other := range []string{"", "x", root[2:], strings.Map(turn, root)} {
				if VerifyMerklePath(leaf, i, n, path, other) {
					t.Fatalf("leaf %d verifies under the root %q", i, other)
				}
			}
		}
	})
}

func replaced(path []string, i int, step string) []string {
	out := append([]string{}, path...)
	out[i] = step
	return out
}

// turn changes a hexadecimal digit.
func turn(r rune) rune {
	if r == '0' {
		return '1'
	}
	return '0'
}

func TestAPathOfNoLeafIsAnError(t *testing.T) {
	for _, i := range []int{-1, 1, 2} {
		if _, err := MerklePath([]Leaf{{Group: "a"}}, i); err == nil {
			t.Errorf("leaf %d of 1 has a path", i)
		}
	}
}

// A number of leaves that no wave can have comes from whoever sent the path;
// it must be refused, not counted up to.
func TestAnImpossibleNumberOfLeavesIsRefusedAtOnce(t *testing.T) {
	path := []string{strings.Repeat("00", 32), strings.Repeat("00", 32)}
	for _, n := range []int{0, -1, math.MinInt, 1<<62 + 1, math.MaxInt} {
		if VerifyMerklePath(Leaf{Group: "a"}, 0, n, path, strings.Repeat("00", 32)) {
			t.Errorf("a leaf verifies among %d", n)
		}
	}
}

func TestATreeSplitsAtTheLargestPowerOfTwoBelowItsSize(t *testing.T) {
	for n, want := range map[int]int{2: 1, 3: 2, 4: 2, 5: 4, 8: 4, 9: 8, 1 << 40: 1 << 39, 1<<40 + 1: 1 << 40, math.MaxInt: 1 << 62} {
		if got := split(n); got != want {
			t.Errorf("split(%d) = %d, want %d", n, got, want)
		}
	}
}
