using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Credits;

/// <summary>What became of the money of each purchase: the cause of what is taken back, knowing nothing of credits.</summary>
internal sealed class Purchases
{
    private readonly List<Purchase> all = [];

    public int Count => all.Count;

    public void Add(long price, SpentCredits spent) => all.Add(new Purchase(price, spent));

    public SpentCredits SpentOf(int which) => all[which].Spent;

    /// <summary>The share that a step leads to; null when it means nothing here.</summary>
    public (int Which, CreditShare Share)? After(Step step)
    {
        if (all.Count == 0)
        {
            return null;
        }

        var which = step switch { Refund r => r.Which, RefundFails f => f.Which, Dispute d => d.Which, _ => -1 } % all.Count;
        if (which < 0)
        {
            return null;
        }

        return all[which].After(step) is { } share ? (which, share) : null;
    }

    public void Do(Step step, int which) => all[which].Do(step);

    private sealed class Purchase(long price, SpentCredits spent)
    {
        private readonly Stack<long> refunds = new();
        private long disputed;
        private long lost;

        public SpentCredits Spent => spent;

        private long Left => price - refunds.Sum() - disputed - lost;

        public CreditShare? After(Step step)
        {
            switch (step)
            {
                case Refund r when disputed + lost == 0 && Part(r.Percent) > 0:
                    return new CreditShare(refunds.Sum() + Part(r.Percent), 0, price);
                case RefundFails when refunds.Count > 0:
                    return new CreditShare(refunds.Skip(1).Sum() + lost, disputed, price);
                case Dispute d when disputed > 0:
                    return new CreditShare(refunds.Sum() + lost + (d.Won ? 0 : disputed), 0, price);
                case Dispute d when Part(d.Percent) > 0:
                    return new CreditShare(refunds.Sum() + lost, Part(d.Percent), price);
                default:
                    return null;
            }
        }

        public void Do(Step step)
        {
            switch (step)
            {
                case Refund r:
                    refunds.Push(Part(r.Percent));
                    break;
                case RefundFails:
                    refunds.Pop();
                    break;
                case Dispute d when disputed > 0:
                    (lost, disputed) = (d.Won ? lost : lost + disputed, 0);
                    break;
                case Dispute d:
                    disputed = Part(d.Percent);
                    break;
            }
        }

        private long Part(int percent) => Math.Min(Left, Math.Max(1, price * percent / 100));
    }
}
