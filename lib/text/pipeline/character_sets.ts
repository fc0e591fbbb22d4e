/**
 * Character sets of the Rust library `tokenizers` 0.23. Its dependencies use different versions of Unicode, none of
 * which is the JavaScript engine's. A test compares every set with the library, character by character.
 *
 * A set is written as its ranges in order, each "gap+length" in base 36: the gap is the distance from the end of the
 * previous range, and a length of one is omitted.
 *
 * @module
 */

/** The names of the sets. */
export type CharacterSet = keyof typeof RANGES;

const RANGES = {
  /** Numbers (category N) of Unicode 17, by `char::is_numeric` of Rust's standard library. */
  numeric: `
    1c+a 3c+2 5 2+3 141+a 3q+a 5i+a bg+a 3a+a 4+6 30+a 3a+a 3a+a 2+6 32+d 37+a 8+7 2v+a 2w+7 7+j 31+a 2o+a 3a+a 1y+k
    7g+a 1y+a jz+k oh+3 6n+a 6+a m+a 8c+a 3k+b 4l+a 6+a 52+a 2e+a 3q+a 6+a t2 3+6 6+a 5i+1f 2+5 k6+1o 26+m hi+u 12h
    ll p+9 e+3 9j+4 3u+a u+8 1+f w+a 13+f msg+a 58+a 8w+6 4a+a 12+a 5i+a m+a 2e+a ba+a geu+a dp+19 c+1l h+2 9h+r
    10+4 t 8 3q+5 5m+a q6+8 p+7 13+9 23+5 m+6 4g+2 2+g 2+1a 1s+9 1g+2 u+3 23+5 2w+8 o+8 15+7 96+6 1c+a 6+a 7q+v 4e+a
    16+4 34+7 3q+u 3k+a 1o+a 40+a 7+k 6z+a 9i+a 3a+a ae+a 2u+a 6+k 24+c bo+j 2l+a ie+a 2e+t 6b+a 1y+a 1i+a 9y+a 2u+l
    tn+33 c01+a 1t2+a 2e+a 3q+a 1+7 em+a 7a+n 9p+3 id5+a 152+k c+k 30+p ut+1e 1ts+a bq+a dy+a 6v+a jw+9 3k+a lz+1n
    1+3 1+4 24+19 1+f qq+d 25f+a`,
  /** Punctuation (category P) of Unicode 8, by the crate `unicode_categories` 0.1.1. */
  punctuation: `
    x+3 1+6 1+4 a+2 3+2 q+3 1 r 1 z 5 3 a+2 3 3 ji 8 cy+6 15+2 1f 1 2 2 18+2 k+2 1+2 d 2+2 22+4 2u 17+e 6h+3 1i+f v
    79+2 a an lf 2i a+2 4o+f 1 11+4 1z 22+5 4+2 33+6 4r h0+9 47 h8+2 18+2 26+3 1z+2 4d+3 1+3 11+b 8p+2 60+2 3k+7 1+6
    4s+7 4b+4 1n+5 1q+2 1s+8 b n0+o 8+k 1+d 1+c u+2 e+2 hl+4 t+2 u5+e 27+2 v+a b7+m 1r+4 w+2 l7+4 1+2 34 3z+1b 1+j
    ce+3 4+a 2+c g c 2q 2i mwy+2 7h+3 2r a 37+6 ak+4 2e+2 14+3 1 1d+2 1b 2p+d g+2 3g+4 3i+2 g+2 6x g2a+2 5s+a m+z
    1+e 1 4 1+2 45+3 1+6 1+4 a+2 3+2 q+3 1 r 1 1+7 be+3 ik 1c bi kn 5j v 7k+9 12 34+7 1u+7 2h+4 x6+7 31+2 1+4 3i+4
    1c+2 27+5 3 d 1+3 2g+6 2z f0 6y+n 2x+3 6w+3 2lt+5 dtl+2 3p 1t+5 8 g2i 5wn+5`,
  /** Nonspacing marks (category Mn) of Unicode 8, by the same crate. */
  nonspacing: `
    lc+34 7n+5 7d+19 1 1+2 1+2 1 20+b 1c+l g 2t+7 2+6 2+2 1+4 z u+r 2j+b 1m+9 y+4 1+9 1+3 1+5 17+3 3r+w 1j 1 4+8 4
    3+7 a+2 t 1m 4+4 8 k+2 t+2 1l 4+2 4+2 2+3 3 u+2 3 b+2 1l 4+5 1+2 4 k+2 t 1m 2 1+4 8 8 b+2 u 1p c 1e 1p+3 5+3 1+4
    7+2 b+2 t 1m 2 6 5+2 k+2 t 1r+4 8 k+2 2u 7+3 1 2i 2+7 c+8 2q 2+6 1+2 b+6 22+2 r 1 1 1j+e 1+5 1+2 5+b 1+10 9 2u+4
    1+6 1+2 2+2 p+2 4+3 g+4 d 2+2 6 f jj+3 qa+3 t+3 t+2 u+2 1s+2 1+7 8 2+b 9 19+3 4b 3a+3 4+2 9 6+3 63+2 2 1m 1+7 1
    1 2+8 6+a 2 1c+e 1u+4 1c 1+5 1 5 14+9 c+2 w+4 2+2 1+3 1k 1+2 3 1+3 1m+8 2+2 48+3 1+d 1+7 4 6 3+2 5i+1i 6+4 k0+d
    4 3+c 2da+3 3x 2o+w fe+4 2z+2 n9w 4+a w+2 28+2 7k 3 4 p+2 4d r+i 1g+8 p+b 1a+3 1c 2+4 2 14 1v+6 2+2 2+2 c 8 1b
    1f 1+3 2+2 5+2 1 16+2 8 6m 2 4 fn4 kh+g g+g r1 6a 45+5 1ae+3 1+2 5+4 14+3 4 4l+2 10a 1i+f 1k+3 1d+4 2+2 1x+3
    10+5 1+8 1q c+2 1g+9 b+3 2q+3 2 1+2 4n 3+8 l+2 1m 3 11+7 3+5 8u+6 1 4+2 1+2 6m+4 6+2 1+2 r+2 2d+8 2 1+2 2y 1 2+6
    1 2t+3 2+4 1+5 gjo+5 1n+7 uw+4 f7u+2 43s+3 h+8 2+7 u+4 44+3 1iz+1j 4+1e 8 e m+5 1+f 2sg+7 gzl5+6o`,
  /** Control and format characters (categories Cc and Cf) of Unicode 8, by the same crate; without NUL, tab and line ends. */
  control: `
    1+8 2+2 1+i 2n+x d 11u+6 m 5c 1d 3cu 1ks+5 q+5 1d+5 1+a 17yn 6x+3 3b5 xya+4 43z+8 h406 u+2o`,
  /** Marks (category M) of Unicode 9, by the crate `unicode-normalization-alignments` 0.1.12. */
  combining: `
    lc+34 7n+7 7b+19 1 1+2 1+2 1 20+b 1c+l g 2t+7 2+6 2+2 1+4 z u+r 2j+b 1m+9 y+4 1+9 1+3 1+5 17+3 3c+e 1+x 1i+3 1+i
    1+7 a+2 t+3 1k 1+7 2+2 2+3 9 a+2 t+3 1k 1+5 4+2 2+3 3 u+2 3 b+3 1k 1+8 1+3 1+3 k+2 t+3 1k 1+7 2+2 2+3 8+2 a+2 u
    1n+5 3+3 1+4 9 14+4 1m+7 1+3 1+4 7+2 b+2 t+3 1k 1+7 1+3 1+4 7+2 b+2 t+3 1m+7 1+3 1+4 9 a+2 u+2 1y 4+6 1 1+8 i+2
    1p 2+7 c+8 2q 2+6 1+2 b+6 22+2 r 1 1 4+2 1d+k 1+2 5+b 1+10 9 2s+k n+4 4+3 1+3 2+7 3+4 d+c 1 a+4 jj+3 qa+3 t+3
    t+2 u+2 1s+w 9 19+3 3b+2 y 3a+c 4+c 63+5 1l+a 1+t 2 1c+f 1t+5 1b+h 12+9 c+3 u+d 1k+e 1c+k 48+3 1+l 4 4+3 3+2
    5i+1i 5+5 k0+x 2da+3 3x 2o+w fe+6 2x+2 n9w+4 1+a w+2 28+2 7k 3 4 n+5 2g+2 1e+i q+i 1g+8 p+d 18+4 1b+e 10 1v+e c
    8+2 19+3 1e 1+3 2+2 5+2 1 15+5 5+2 6k+8 1+2 fn4 kh+g g+g r1 6a 45+5 1ae+3 1+2 5+4 14+3 4 4l+2 109+3 1h+f 1k+4
    19+b 1x+3 10+e 1q c+3 1c+e 9+3 2n+c 6 4g+c l+4 1k 1+7 2+2 2+3 9 a+2 2+7 3+5 5c+i 2x+k 6j+7 2+9 r+2 2a+h 2y+d
    2t+f zn+8 1+8 2a+m 1+e fg9+5 1n+7 t6+1a g+4 f7u+2 43q+5 3+6 8+8 2+7 u+4 44+3 1iz+1j 4+1e 8 e m+5 1+f 11s+7 1+h
    2+7 1+2 1+5 1ph+7 31+7 gzhx+6o`,
  /** What is unassigned in Unicode 9; the crate above uses normal forms of that version. */
  unassigned9: `
    oo+2 6+4 7 1 k b1 12+2 7 13 2+2 3 1j+8 r+5 5+b t 6o 1o+2 2t+e 1n+5 1a+2 f s+2 1+1t l 8+m 4w 8+2 2+2 m 7 1+3 4+2
    9+2 2+2 4+8 1+4 2 5+2 m+5 3 6+4 2+2 m 7 2 2 2+2 1 5+4 2+2 3+3 1+7 4 1+7 g+b 3 9 3 m 7 2 5+2 a 3 3+2 1+f 4+2 c+7
    1+7 3 8+2 2+2 m 7 2 5+2 9+2 2+2 3+8 2+4 2 5+2 i+a 2 6+3 3 4+3 2 1 2+3 2+3 3+3 c+4 5+3 3 4+2 1+6 1+e l+5 4 8 3 n
    g+3 8 3 4+7 2 3+5 4+2 a+8 c 8 3 n a 5+2 9 3 4+7 2+7 1 4+2 a 2+e 3 8 3 15+2 8 3 6+4 g+2 q+2 2 i+3 o 9 1+2 7+3 1+4
    6 1 8+6 a+2 3+c 1m+4 t+11 2 1+2 2 1+2 1+6 4 7 3 1 1+2 2 d 3+2 5 1 6+2 a+2 4+w 20 10+4 13 10 f d+11 5i 1+5 1+2 ah
    4+2 7 1 4+2 15 4+2 x 4+2 7 1 4+2 f 1l 4+2 1v+2 w+3 q+6 2e+2 6+2 il+3 2h+7 d 7+b n+9 k+c d 3 2+c 2m+2 a+6 a+6 f
    a+6 2g+8 17+5 1y+a v c+4 c+4 1+3 16+2 5+b 18+4 q+6 b+3 1q+2 1t t+2 b+6 a+6 e+2 f+1t 24+4 19+3 38+8 1o+3 f+3
    1o+1j 8+8 13 2+6 6u+5 7v+2 6+2 12+2 6+2 8 1 1 1 v+2 1h f e+2 6 j+2 3 9 2t c+2 r d+3 v+h x+f 3w+4 hb 13+p b+l
    1ec+2 w+2 y+3 c 8+q 4+g 1b 1b 44+5 19 1+5 1+2 1k+7 2+e o+9 7 7 7 7 7 7 7 7 2t+1n q 2h+c 5y+q c+4 1s 2e+2 2v+5
    15+3 2m 17+5 10+c 1b 67 59y+a g7q+16 wd+3 1j+9 9o+k 54+8 4v 8+1r 1h+4 a+6 1k+8 1y+8 c+6 u+2 2c+b u+3 26 b+4 x
    1j+9 e+2 a+2 2v+o s+a 6+2 6+2 6+9 7 7 1i+a 3i+2 a+6 8mc+c n+4 1d+4 6su+2 2y+12 7+c 5+5 q 5 1 2 2 3g+h a5+g 1s+2
    1i+8 1a+2 q+6 1f j 4+4 5 3r+2 1 5a+3 6+2 6+2 6+2 3+3 7 7+a j q j 2 f+2 e+y 3f+5 3+4 19+3 2g c+4 1+1b 1a+3m t+3
    1d+f s+4 10+c r+5 17+5 u 11+4 e+16 4e+2 a+6 10+4 10+4 14+8 1g+b 1+40 8n+9 m+a 8+48 6+2 1 18 2+3 1+2 n 20+8 9+1c
    j 2+5 x+3 r+5 1+1s 1k+4 k+2 1e 2+5 8 3 r+4 3+4 9+8 9+7 1s+w 13+4 c+9 1i+3 t+2 r+5 q+7 4+c 7+28 21+1j 1f+d 1f+7
    6+9s v+ap 26+4 u+f 1v+e p+7 a+6 1h e+c 13+9 26+2 g k+b i 18+1t 7 1 4 f b+6 1n+5 a+6 4 8+2 2+2 m 7 2 5+2 9+2 2+2
    3+2 1+6 1+5 7+2 7+3 5+3v 2i 1 1+y 20+8 a+4m 1i+2 12+y 1x+b a+6 d+j 1k+8 a+1i q+3 f+4 g+9s 2b+c 1+cg 1l+7b 9 19
    e+a t+3 w+2 m e+nd pm+2u 33 5+b 5g+24c tr+34h g7+6nt ft+7 v a+4 2+2o u+2 6+a 1y+a a 7 l+5 j+og 1x+b 1b+g h+1s
    1+v 4q5+j kz+7bh 2+2da 2z+5 d+3 9+7 a+2 8+3to 6u+a 13+2 5c+n 1y+56 2f+9 i+3y 2d 1z 2+2 1+2 2+2 4 c 1 7 1t 4+2 8
    7 s 4 5 1+3 7 9g+2 84+2 ji+f 5 f+11s 7 h+2 7 2 5+1jp 5h+2 g+15 23+5 a+4 2+ww 4 r 2 1+2 1 a 4 1 1+6 1+4 1 1 1 3 2
    1+2 1 1 1 1 1 2 1+2 4 7 4 4 1 a h+5 3 5 h+1g 2+7i 18+4 2s+c f+2 f f 11+a d+3 v 1o+4 1p+1l t+d 18+4 9+7 2+4u r7+d
    d+3 7+9 38+c 2d+17 c+4 1k+8 a+6 14+8 u+2q f 8+8 1+2 c c+4 f+x i+1a 1+18d wyh+15 379+b 66+2 4g2+866 f2+15s 2+1eke
    2+1eke 2+1eke 2+1eke 2+1eke 2+1eke 2+1eke 2+1eke 2+1eke 2+1eke 2+1eke 2 1+u 2o+3k 6o+1e6m`,
  /** What is unassigned in Unicode 16; Oniguruma 6.9.10 and the crate `regex` use categories of that version. */
  unassigned16: `
    oo+2 6+4 7 1 k b1 12+2 1e+2 3 1j+8 r+4 6+b 7i 1o+2 2t+e 1n+2 1d+2 f s+2 1 b+5 v 2+5 6l 8+2 2+2 m 7 1+3 4+2 9+2
    2+2 4+8 1+4 2 5+2 p+2 3 6+4 2+2 m 7 2 2 2+2 1 5+4 2+2 3+3 1+7 4 1+7 h+a 3 9 3 m 7 2 5+2 a 3 3+2 1+f 4+2 c+7 7 3
    8+2 2+2 m 7 2 5+2 9+2 2+2 3+7 3+4 2 5+2 i+a 2 6+3 3 4+3 2 1 2+3 2+3 3+3 c+4 5+3 3 4+2 1+6 1+e l+5 d 3 n g+2 9 3
    4+7 2 3+2 1+2 4+2 a+7 m 3 n a 5+2 9 3 4+7 2+6 2 4+2 a 3+c d 3 1f 3 6+4 g+2 q 3 i+3 o 9 1+2 7+3 1+4 6 1 8+6 a+2
    3+c 1m+4 t+11 2 1 5 o 1 n+2 5 1 7 a+2 4+w 20 10+4 13 10 f d+11 5i 1+5 1+2 ah 4+2 7 1 4+2 15 4+2 x 4+2 7 1 4+2 f
    1l 4+2 1v+2 w+3 q+6 2e+2 6+2 il+3 2h+7 m+9 o+9 k+c d 3 2+c 2m+2 a+6 a+6 q+6 2h+7 17+5 1y+a v c+4 c+4 1+3 16+2
    5+b 18+4 q+6 b+3 1q+2 1t t+2 b+6 a+6 e+2 v+1d 25 4m+8 1o+3 f+3 1q+5 17+2 b+8 17+5 eu+2 6+2 12+2 6+2 8 1 1 1 v+2
    1h f e+2 6 j+2 3 9 2t c+2 r d+3 x+f x+f 3w+4 ii+m b+l 1ec+2 w 9p+5 19 1+5 1+2 1k+7 2+e o+9 7 7 7 7 7 7 7 7 3i+y
    q 2h+c 5y+q 28 2e+2 2v+5 17 2m 2e+9 1c mlp+3 1j+9 9o+k 54+8 5q+2 2 1 8+l 1n+3 a+6 1k+8 1y+8 c+6 38+b u+3 26 b+4
    x 1j+9 e+2 a+2 2v+o s+a 6+2 6+2 6+9 7 7 1o+4 3i+2 a+6 8mc+c n+4 1d+4 6su+2 2y+12 7+c 5+5 q 5 1 2 2 3h+g cd+2
    1i+7 1+w 16+6 1f j 4+4 5 3r+2 1 5a+3 6+2 6+2 6+2 3+3 7 7+a 5+2 c q j 2 f+2 e+y 3f+5 3+4 19+3 2g d+3 1+1b 1a+3m
    t+3 1d+f s+4 10+9 u+5 17+5 u 11+4 e+16 4e+2 a+6 10+4 10+4 14+8 1g+b c f 7 2 b f 7 2+3 1g+c 8n+9 m+a 8+o 6 16
    9+1x 6+2 1 18 2+3 1+2 n 20+8 9+1c j 2+5 x+3 r+5 1+1s 1k+4 k+2 1e 2+5 8 3 t+2 3+4 a+7 9+7 1s+w 13+4 c+9 1i+3 t+2
    r+5 q+7 4+c 7+28 21+1j 1f+d 1f+7 1a+8 a+6 12+3 t+8 2+5s v 16 3+2 2+g 3+1j 18+8 16+m q+12 s+k n+9 26+4 10+9 1w+a
    1+2 p+7 a+6 1h i+8 13+9 2o k+b i 1b+1q 7 1 4 f b+6 1n+5 a+6 4 8+2 2+2 m 7 2 5 a+2 2+2 3+2 1+6 1+5 7+2 7+3 5+b a
    1+2 1 12 a 1+2 1 4 a 2+8 2+t 2k 5+u 20+8 a+4m 1i+2 12+y 1x+b a+6 d+j 1m+6 a+6 k+s r+2 f+4 n+55 1o+2s 2b+c 8+2
    1+2 8 2 u 2+2 c+9 a+1y 8+2 1a+2 b+r 20+8 2b+d 21+7 a+52 y+e a+6 9 19 e+a t+3 w+2 m e+21 7 2 18+3 1 2 9+8 a+6 6 2
    11 2 6+7 a+8m p+7 h 15+3 t+2d 1+f 1e+d pn+2u 33 5+b 5g+218 2r+d uu+a 32z+5 g7+5a1 1m+1c6 ft+7 v a+4 29 a+6 u+2
    6+a 1y+a a 7 l+5 j+c0 1m+5i 2j+2t 23+4 1l+7 h+1s 5+b 2+e 4qg+8 ye+15 a+6w7 4 7 2 83+f 1+t 3+2 1+e 4+8 b0+1s4
    2z+5 d+3 9+7 a+2 8+318 6y+6 c4+24 1a+2 n+9 38+1o 6u+a 13+2 5e+l 1y+3e k+c k+c 2f+9 p+3r 2d 1z 2+2 1+2 2+2 4 c 1
    7 1t 4+2 8 7 s 4 5 1+3 7 9g+2 84+2 ji+f 5 f+uo v+6 6+5x 7 h+2 7 2 5+5 1q+x 1+34 19+3 e+2 a+4 2+8w v+h 1m+5 1+cw
    16+5y 17+4 1+dc 7 4 2 f 5h+2 g+15 24+4 a+4 2+lt 1w+24 1p+5e 4 r 2 1+2 1 a 4 1 1+6 1+4 1 1 1 3 2 1+2 1 1 1 1 1 2
    1+2 4 7 4 4 1 a h+5 3 5 h+1g 2+7i 18+4 2s+c f+2 f f 11+a 4u+1k t+d 18+4 9+7 2+e 6+4a rc+4 h+3 d+3 3b+4 2n+6 c+4
    1+f c+4 1k+8 a+6 14+8 u+2 c+4 2+1q 9g+c e+2 d+3 a+5 1k+7 f+2 b+6 9+7 43 2u+sm wyo+w 37e+6 66+2 4g2+e 5rl+f
    ha+1wi f2+15u 3t7+5 38g+f975 1+u 2o+3k 6o+1e6o 1eke+2 1eke+2`,
};

/**
 * Writes a set as the inside of a character class.
 *
 * @param name The set.
 * @returns Ranges such as `\u{30}-\\u{39}`, for a regular expression with the flag `u` or `v`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { characterRanges } from "./character_sets.ts";
 *
 * const number = new RegExp(`^[${characterRanges("numeric")}]$`, "u");
 * assert(number.test("⅓") && number.test("٣") && !number.test("a"));
 * ```
 */
export function characterRanges(name: CharacterSet): string {
  let from = 0;
  return RANGES[name].trim().split(/\s+/).map((range) => {
    const [gap, length = 1] = range.split("+").map((digits) => parseInt(digits, 36));
    const first = from + gap;
    from = first + length;
    const [start, end] = [first, from - 1].map((character) => `\\u{${character.toString(16)}}`);
    return length === 1 ? start : `${start}-${end}`;
  }).join("");
}
