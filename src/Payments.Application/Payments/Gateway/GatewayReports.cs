using Payments.Domain.Payments.Charges;

namespace Payments.Application.Payments.Gateway;

/// <summary>Turns the state of a provider's object into a report on a payment.</summary>
internal static class GatewayReports
{
    public static PaymentReport From(CheckoutState session, bool asyncFailed = false)
    {
        var state = session switch
        {
            { PaymentStatus: not CheckoutPaymentStatus.Unpaid, Status: CheckoutStatus.Complete } => ReportedState.Paid,
            { Status: CheckoutStatus.Expired } => ReportedState.Expired,
            _ when asyncFailed => ReportedState.Failed,
            { Intent: { } intent } when Unpaid(intent) is { } beneath => beneath,
            { Status: CheckoutStatus.Complete } => ReportedState.Processing,
            _ => ReportedState.Open,
        };
        var failure = session.Intent?.LastFailure?.Decline;
        return new PaymentReport(
            state, session.SessionId, session.IntentId, session.Intent?.ChargeId, session.Subtotal, session.Total,
            session.Discount, session.Tax, failure?.SafeCode, failure?.SafeMessage, session.CreatedAt)
        {
            IsFinal = state == ReportedState.Failed && session.Status == CheckoutStatus.Complete,
        };
    }

    public static PaymentReport From(IntentState intent)
    {
        var paid = intent.Status == IntentStatus.Succeeded;
        var failure = intent.LastFailure?.Decline;
        return new PaymentReport(
            paid ? ReportedState.Paid : Unpaid(intent) ?? ReportedState.Open, null, intent.IntentId, intent.ChargeId, null, paid ? intent.Received : intent.Amount,
            null, null, failure?.SafeCode, failure?.SafeMessage, intent.CreatedAt);
    }

    /// <summary>What an unpaid intent says of its payment; null when it says nothing yet, or is paid (its session will say so).</summary>
    private static ReportedState? Unpaid(IntentState intent) => intent.Status switch
    {
        IntentStatus.RequiresAction => ReportedState.RequiresAction,
        IntentStatus.Processing or IntentStatus.RequiresCapture => ReportedState.Processing,
        IntentStatus.Canceled => ReportedState.Canceled,
        IntentStatus.RequiresPaymentMethod when intent.LastFailure is not null => ReportedState.Failed,
        _ => null,
    };
}
