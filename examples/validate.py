"""Does a predictor rank networks by the accuracy that they reach, and better than counting their FLOPs does?"""

import netlore as nl


def main() -> None:
    """Print how predictors and counts rank cells of NAS-Bench-201, over all and at equal cost."""
    found = nl.validate("nas-bench-201", "cifar10", ("synflow",), networks=40, batch_size=16)
    print(found.accuracies.target.what)
    columns = ["quantity", "kendall", "kendall_low", "kendall_high", "within_flops", "regret"]
    print(found.frame[columns].round(2).to_string(index=False))
    best = found.networks.sort_values("synflow").iloc[-1]
    reached = f"{best['accuracy']:.2f} %, {best['pixel3-latency']:.1f} ms on a phone"
    print(f"synflow prefers {best['string']}: {reached}")


if __name__ == "__main__":
    main()
