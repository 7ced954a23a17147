/**
 * The local intrinsic dimension of data: how fast the number of rows grows with the distance. From
 * the distances of k neighbours to each of several points, by maximum likelihood; the inverse is
 * averaged over the points, weighted by the neighbours of each.
 *
 * @param distances of each point those of its nearest neighbours, ascending; zeros are left out
 * @param k 2 or more; a point with fewer neighbours takes part with those it has
 * @returns undefined where no point has two neighbours at different distances
 * @see Levina and Bickel, Maximum Likelihood Estimation of Intrinsic Dimension (2004), equation 8
 * @see MacKay and Ghahramani, Comments on that article (2005), for averaging the inverse
 */
export function intrinsicDimension(
  distances: Iterable<Float64Array>,
  k: number,
): number | undefined {
  let logs = 0;
  let terms = 0;
  for (const all of distances) {
    const near = all.filter((distance) => distance > 0).subarray(0, k);
    if (near.length < 2) continue;
    const last = near[near.length - 1] as number;
    for (const distance of near) logs += Math.log(last / distance);
    terms += near.length - 1;
  }
  return logs > 0 ? terms / logs : undefined;
}
