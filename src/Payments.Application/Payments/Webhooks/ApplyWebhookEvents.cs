using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Charges;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Subscriptions;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Webhooks;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Webhooks;

/// <summary>
/// Applies stored events, each to the one payment it concerns, all in one save inside the worker's transaction. Answers
/// what became of each, in the order given.
/// </summary>
public sealed record ApplyWebhookEvents(IReadOnlyList<StoredEvent> Events) : IRequest<IReadOnlyList<EventOutcome>>;

public sealed record StoredEvent(string Id, DateTimeOffset Created, string Type, bool Livemode, string? Account, ReadOnlyMemory<byte> Payload);

/// <param name="Alone">Set: the event wants a unit of work of its own, after this batch: its aggregate's lock comes before the payments', or the provider must be asked.</param>
public sealed record EventOutcome(WebhookEventStatus Status, PaymentId? PaymentId, string? Error = null, EventSubject? Alone = null);

public enum EventSubjectKind
{
    /// <summary>The order of a payment's events is in doubt; the key is our payment id.</summary>
    Payment,

    /// <summary>A subscription, its invoices and its checkout; the key is the provider's subscription id.</summary>
    Subscription,

    /// <summary>An invoice whose subscription the event does not name; the key is the provider's invoice id.</summary>
    Invoice,
    /// <summary>Money of a payment goes back, or is disputed; the key is our payment id, or the provider's intent or charge where that is all it says.</summary>
    PaymentMoney,

    /// <summary>A customer's saved cards and default; the key is the provider's customer id.</summary>
    Customer,
}

/// <summary>The one thing that an event concerns. Events of one subject are applied together, see <see cref="ApplyEventsAlone"/>.</summary>
public readonly record struct EventSubject(EventSubjectKind Kind, string Key);

internal sealed class ApplyWebhookEventsHandler(
    IPaymentsDb db, IWebhookTranslator translator, Fulfilment fulfilment, IPaymentGateway gateway, TimeProvider clock, ILogger<ApplyWebhookEventsHandler> logger)
    : IRequestHandler<ApplyWebhookEvents, IReadOnlyList<EventOutcome>>
{
    public async Task<IReadOnlyList<EventOutcome>> Handle(ApplyWebhookEvents command, CancellationToken cancellationToken)
    {
        var outcomes = new EventOutcome[command.Events.Count];
        var work = new List<Work>(outcomes.Length);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (Read(command.Events[i], out var fact) is { } settled)
            {
                outcomes[i] = settled;
            }
            else if (fact is CustomerChanged { State: var customer })
            {
                outcomes[i] = await ApplyAsync(customer, cancellationToken);
            }
            else if ((SubscriptionEvents.SubjectOf(fact!) ?? MoneyBackOf(fact!)) is { } subject)
            {
                outcomes[i] = new EventOutcome(WebhookEventStatus.Pending, null, Alone: subject);
            }
            else if (fact is CardChanged or CardDetached or SetupSucceeded)
            {
                outcomes[i] = await ApplyAsync(fact, cancellationToken);
            }
            else
            {
                work.Add(Work.From(i, fact!, clock.GetUtcNow()));
            }
        }

        await ResolveAsync(work, cancellationToken);
        var known = work.Where(w => w.PaymentId is not null).ToList();
        var results = await fulfilment.ApplyAsync([.. known.Select(w => new PaymentNews(w.PaymentId!.Value, w.Report, w.Attempts))], cancellationToken);
        for (var i = 0; i < known.Count; i++)
        {
            outcomes[known[i].Index] = OutcomeOf(known[i], results[i]);
        }

        foreach (var unknown in work.Where(w => w.PaymentId is null))
        {
            // Money that went back may be of a payment whose own news are still to come; only the provider can tell.
            outcomes[unknown.Index] = unknown.MayTellOfRefunds
                ? new EventOutcome(WebhookEventStatus.Pending, null, Alone: new EventSubject(EventSubjectKind.PaymentMoney, unknown.IntentId ?? unknown.ChargeId!))
                : new EventOutcome(WebhookEventStatus.Foreign, null);
        }

        return outcomes;
    }

    private EventOutcome? Read(StoredEvent stored, out WebhookFact? fact)
    {
        fact = null;
        if (stored.Livemode != gateway.Account.Livemode || (stored.Account is { } account && account != gateway.Account.Key))
        {
            return new EventOutcome(WebhookEventStatus.Mismatched, null, "The event is of another account or mode than the configured key.");
        }

        try
        {
            fact = translator.Translate(stored.Payload);
            return fact is Unhandled ? new EventOutcome(WebhookEventStatus.Unhandled, null) : null;
        }
        catch (JsonException e)
        {
            // Reading is pure, so another try would end the same: a person must look, and may replay it after a fix.
            return new EventOutcome(WebhookEventStatus.Dead, null, e.Message);
        }
    }

    private static EventSubject? MoneyBackOf(WebhookFact fact) => fact switch
    {
        RefundChanged { State: var r } => new(EventSubjectKind.PaymentMoney, r.PaymentId?.ToString() ?? r.IntentId ?? r.ChargeId ?? r.GatewayId),
        DisputeChanged { State: var d } => new(EventSubjectKind.PaymentMoney, d.IntentId ?? d.ChargeId ?? d.GatewayId),
        NeedsRefetch { Kind: RefetchKind.Refund or RefetchKind.Dispute, ObjectId: var id } => new(EventSubjectKind.PaymentMoney, id),
        _ => null,
    };

    private async Task<EventOutcome> ApplyAsync(CustomerState customer, CancellationToken cancellationToken)
    {
        if (await db.Customers.AnyAsync(c => c.GatewayId == customer.CustomerId, cancellationToken))
        {
            return OfCustomer(customer.CustomerId);
        }

        // Before we saved the provider's answer, its id is only in our metadata.
        var known = !customer.Deleted && customer.UserId is { } user && await db.Customers.AnyAsync(c => c.UserId == user, cancellationToken);
        return new EventOutcome(known ? WebhookEventStatus.Processed : WebhookEventStatus.Foreign, null);
    }

    /// <summary>A card's events are applied under its customer's lock.</summary>
    private async Task<EventOutcome> ApplyAsync(WebhookFact fact, CancellationToken cancellationToken)
    {
        var customer = fact switch
        {
            CardChanged { State: var card } => card.CustomerId,
            CardDetached { State: var card } => card.CustomerId ?? await CustomerOfAsync(card.MethodId, cancellationToken),
            SetupSucceeded { State: var setup } => setup.CustomerId,
            _ => throw new InvalidOperationException($"{fact.GetType().Name} is not news of a card."),
        };
        return customer is not null && await db.Customers.AnyAsync(c => c.GatewayId == customer, cancellationToken)
            ? OfCustomer(customer)
            : new EventOutcome(WebhookEventStatus.Foreign, null);
    }

    private Task<string?> CustomerOfAsync(string methodId, CancellationToken cancellationToken) =>
        (from method in db.PaymentMethods join owner in db.Customers on method.CustomerId equals owner.Id where method.Id == methodId select owner.GatewayId).FirstOrDefaultAsync(cancellationToken);

    private static EventOutcome OfCustomer(string id) => new(WebhookEventStatus.Pending, null, Alone: new EventSubject(EventSubjectKind.Customer, id));

    /// <summary>Our id in the metadata decides; objects without it are found by the session or intent that we know.</summary>
    private async Task ResolveAsync(List<Work> work, CancellationToken cancellationToken)
    {
        var open = work.Where(w => w.PaymentId is null).ToList();
        if (open.Count == 0)
        {
            return;
        }

        var sessions = open.Select(w => w.SessionId).OfType<string>().Distinct().ToList();
        var intents = open.Select(w => w.IntentId).OfType<string>().Distinct().ToList();
        var references = await db.FindReferencesAsync(sessions, intents, cancellationToken);
        var bySession = references.Where(r => r.SessionId is not null).ToDictionary(r => r.SessionId!, r => r.Id);
        var byIntent = references.Where(r => r.IntentId is not null).ToDictionary(r => r.IntentId!, r => r.Id);
        foreach (var item in open)
        {
            item.PaymentId = item.SessionId is { } session && bySession.TryGetValue(session, out var id) ? id
                : item.IntentId is { } intent && byIntent.TryGetValue(intent, out id) ? id
                : null;
        }
    }

    private EventOutcome OutcomeOf(Work item, NewsResult result)
    {
        if (result.Payment is not { } payment)
        {
            return new EventOutcome(WebhookEventStatus.Foreign, null);
        }

        PaymentAlarms.Raise(logger, payment.Id, result.Effect);
        return result.Effect switch
        {
            ReportEffect.Mismatch => new EventOutcome(
                WebhookEventStatus.Parked, payment.Id, $"Agreed were {payment.Amount}, the event says {item.Report!.Subtotal ?? item.Report.Total}: {(payment.IsPaid ? "what was granted before stays" : "nothing was granted")}."),
            ReportEffect.PaidTwice when payment.Kind == PaymentKind.Subscription => new EventOutcome(
                WebhookEventStatus.Parked, payment.Id, $"Session {item.Report!.SessionId} was paid too, after {payment.SessionId}: nothing more was granted."),
            ReportEffect.Doubtful => new EventOutcome(WebhookEventStatus.Pending, payment.Id, Alone: InDoubt(payment.Id)),
            _ when item.Refunded > payment.Refunded.Minor || (item.MayTellOfRefunds && item.Refetch) => new EventOutcome(WebhookEventStatus.Pending, payment.Id, Alone: new EventSubject(EventSubjectKind.PaymentMoney, payment.Id.ToString())),
            _ => new EventOutcome(WebhookEventStatus.Processed, payment.Id, Alone: item.Refetch && !payment.IsOver ? InDoubt(payment.Id) : null),
        };
    }

    private static EventSubject InDoubt(PaymentId id) => new(EventSubjectKind.Payment, id.ToString());

    /// <summary>One event on its way to its payment.</summary>
    private sealed class Work
    {
        public required int Index { get; init; }

        public PaymentId? PaymentId { get; set; }

        public string? SessionId { get; init; }

        public string? IntentId { get; init; }

        public PaymentReport? Report { get; init; }

        public IReadOnlyList<AttemptReport> Attempts { get; init; } = [];

        /// <summary>How much a charge says has gone back, in minor units.</summary>
        public long Refunded { get; init; }

        public string? ChargeId { get; init; }

        /// <summary>A charge that says that some of it went back, or one that we cannot read.</summary>
        public bool MayTellOfRefunds => ChargeId is not null && (Refunded > 0 || Refetch);

        /// <summary>The payload says nothing we can read; the provider must be asked.</summary>
        public bool Refetch { get; init; }

        public static Work From(int index, WebhookFact fact, DateTimeOffset now) => fact switch
        {
            CheckoutChanged { State: var session, AsyncFailed: var failed } => new Work
            {
                Index = index, PaymentId = session.PaymentId, SessionId = session.SessionId, IntentId = session.IntentId, Report = GatewayReports.From(session, failed),
            },
            IntentChanged { State: var intent } => new Work
            {
                Index = index, PaymentId = intent.PaymentId, IntentId = intent.IntentId, Report = GatewayReports.From(intent), Attempts = [.. AttemptReport.From(intent, now)],
            },
            ChargeChanged { State: var charge } => new Work
            {
                Index = index, PaymentId = charge.PaymentId, IntentId = charge.IntentId, ChargeId = charge.ChargeId, Attempts = [AttemptReport.From(charge)], Refunded = charge.Refunded.Minor,
            },
            NeedsRefetch { Kind: RefetchKind.Charge, ObjectId: var id, PaymentId: var payment, RelatedId: var intent } => new Work
            {
                Index = index, PaymentId = payment, IntentId = intent, ChargeId = id, Refetch = true,
            },
            NeedsRefetch { Kind: var kind, ObjectId: var id, PaymentId: var payment } => new Work
            {
                Index = index, PaymentId = payment, SessionId = kind == RefetchKind.Checkout ? id : null, IntentId = kind == RefetchKind.Intent ? id : null, Refetch = true,
            },
            _ => throw new InvalidOperationException($"{fact.GetType().Name} is not news of a payment."),
        };
    }
}
