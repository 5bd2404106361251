using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>What happens by itself when its time has come. A new kind of due item is a line here.</summary>
internal static class DueWork
{
    public static void Run(Work work, DueItem item)
    {
        switch (item.Kind)
        {
            case CheckoutSessions.ExpiryDue:
                CheckoutSessions.ExpireDue(work, item.Subject);
                break;
            case PaymentAttempts.DebitDue:
                PaymentAttempts.SettleDebit(work, item.Subject);
                break;
            case Charges.BalanceDue:
                Charges.Settle(work, item.Subject);
                break;
            case Refunds.SettleDue:
                Refunds.Settle(work, item.Subject);
                break;
            case Disputes.VerdictDue:
                Disputes.Decide(work, item.Subject);
                break;
            case Disputes.DeadlineDue:
                Disputes.Lapse(work, item.Subject);
                break;
            case Invoices.FinalizeDue:
                Invoices.FinalizeByItself(work, item.Subject);
                break;
            case InvoicePayments.PaidDue:
                InvoicePayments.TellPaid(work, item.Subject);
                break;
            case Dunning.RetryDue:
                Dunning.Retry(work, item.Subject);
                break;
            case SubscriptionCycles.CycleDue:
                SubscriptionCycles.Turn(work, item.Subject);
                break;
            case SubscriptionCycles.UpcomingDue:
                SubscriptionCycles.TellUpcoming(work, item.Subject);
                break;
            case SubscriptionCycles.TrialEndingDue:
                SubscriptionCycles.TellTrialEnding(work, item.Subject);
                break;
            case SubscriptionStates.ExpiryDue:
                SubscriptionStates.Expire(work, item.Subject);
                break;
            case PendingUpdates.ExpiryDue:
                PendingUpdates.Expire(work, item.Subject);
                break;
            case SubscriptionStates.CancelDue:
                SubscriptionStates.CancelByItself(work, item.Subject);
                break;
            case SubscriptionStates.ResumeCollectionDue:
                SubscriptionStates.ResumeCollection(work, item.Subject);
                break;
            default:
                throw new InvalidOperationException($"Nothing is known to be done for the due item '{item.Id}'.");
        }
    }
}
