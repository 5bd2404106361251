using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>What the provider says about one try to take the money.</summary>
internal sealed record AttemptReport(string Key, AttemptOutcome Outcome, Money Amount, string? MethodType, string? CardBrand, string? CardLast4, GatewayDecline? Decline, DateTimeOffset At)
{
    public static AttemptReport From(ChargeState charge) => new(
        charge.ChargeId,
        charge.Outcome switch { ChargeOutcome.Succeeded => AttemptOutcome.Succeeded, ChargeOutcome.Failed => AttemptOutcome.Failed, _ => AttemptOutcome.Pending },
        charge.Amount, charge.MethodType, charge.CardBrand, charge.CardLast4, charge.Decline, charge.CreatedAt);

    /// <summary>The attempts that an intent shows: its latest charge, and a last failure that made no charge (a refused challenge).</summary>
    public static IEnumerable<AttemptReport> From(IntentState intent, DateTimeOffset now)
    {
        if (intent.Charge is { } charge)
        {
            yield return From(charge);
        }

        if (intent.LastFailure is { } failure)
        {
            yield return new AttemptReport(
                failure.ChargeId ?? $"{intent.IntentId}/{failure.MethodId ?? "?"}", AttemptOutcome.Failed, intent.Amount,
                failure.MethodType, failure.CardBrand, failure.CardLast4, failure.Decline, now);
        }
        else if (intent is { Status: IntentStatus.Succeeded, Charge: null, ChargeId: { } chargeId })
        {
            yield return new AttemptReport(chargeId, AttemptOutcome.Succeeded, intent.Received, null, null, null, null, now);
        }
    }
}
