using System.Diagnostics.Metrics;
using MediatR;

namespace Payments.Application.Users.Credits;

/// <summary>Proves the ledger over all rows, in one snapshot.</summary>
public sealed record VerifyLedger : IRequest<LedgerVerification>;

/// <param name="Ok">No difference of any kind.</param>
/// <param name="Sum">All postings together; 0 or the ledger is broken.</param>
public sealed record LedgerVerification(bool Ok, DateTimeOffset CheckedAt, long Users, long Transactions, long Postings, long Sum, IReadOnlyList<LedgerDifference> Differences);

/// <param name="Kind">What does not agree: <c>transaction.unbalanced</c>, <c>user.credits</c>, <c>user.held</c>, <c>user.debt</c>, <c>lot.remaining</c>, <c>hold.open</c> (open holds, disputed lots and what the user has held), <c>debt.lots</c>, <c>lot.returned</c>, <c>lot.share</c> (taken back is not the share of the payment that went back), <c>payment.refunded</c>, <c>payment.ungranted</c> (not granted what was paid for: nothing, a part, or twice), <c>grant.unpaid</c>.</param>
public sealed record LedgerDifference(string Kind, string Id, long Expected, long Actual);

/// <summary>The checks, as the database can do them over all rows at once.</summary>
public interface ILedgerProof
{
    Task<LedgerVerification> VerifyAsync(CancellationToken cancellationToken);
}

internal sealed class VerifyLedgerHandler(ILedgerProof proof) : IRequestHandler<VerifyLedger, LedgerVerification>
{
    private static readonly Meter Meter = new("Payments.Ledger");

    /// <summary>What alert rules watch: as many as are shown, so that many are many.</summary>
    private static readonly Gauge<long> Differences = Meter.CreateGauge<long>("payments.ledger.differences", "{difference}", "Differences that the last verification of the ledger found");

    public async Task<LedgerVerification> Handle(VerifyLedger query, CancellationToken cancellationToken)
    {
        var verification = await proof.VerifyAsync(cancellationToken);
        Differences.Record(verification.Ok ? 0 : Math.Max(1, verification.Differences.Count));
        return verification;
    }
}
