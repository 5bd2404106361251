using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Catalog;
using Payments.Application.Payments.Checkout;
using Payments.Application.Payments.Customers;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Items;
using Payments.Application.Payments.Subscriptions;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Gateway;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>
/// Opens a payment at the provider: saves the intent with the exact request, sends it, saves the outcome. Whoever comes
/// after a crash between any two of these (the caller's retry, the poll) goes through here again and gets the same thing.
/// </summary>
internal sealed class PaymentOpenings(
    IUnitOfWorkScopes scopes, IPaymentGateway gateway, ISubscriptionGateway billing, IPlanGateway plans, PlanPrices prices, SubscriptionRefreshes subscriptions, CustomerRecords customers, CheckoutOptions options,
    IIdGenerator ids, TimeProvider clock)
{
    /// <summary>
    /// The provider keeps a page open for half an hour at least and a day at most, by its own clock and when the request
    /// comes there: that may be a while later, or by a clock that is behind ours.
    /// </summary>
    private static readonly TimeSpan LeastLifetime = TimeSpan.FromMinutes(35);
    private static readonly TimeSpan MostLifetime = TimeSpan.FromHours(24) - TimeSpan.FromMinutes(2);

    /// <summary>Of pages for the same credits, of which the newest that is still good is handed back.</summary>
    private const int MostRepeats = 20;

    /// <summary>A page that closes this soon is not handed out again.</summary>
    private static readonly TimeSpan LeastTimeLeft = TimeSpan.FromMinutes(2);

    /// <param name="Promotion">Checked with the provider; null for none.</param>
    /// <param name="PriceId">The provider's price of the plan, when it is one.</param>
    internal sealed record Wanted(IPurchase Purchase, PaymentTerms Terms, PromotionCode? Promotion, string? PriceId)
    {
        public PaymentFlow Flow => Purchase.Flow;
    }

    /// <param name="Id">Null when others are to be closed first.</param>
    /// <param name="InTheWay">A thing that nobody wants twice has one payment at a time; these are open for it, and not what is wanted.</param>
    internal sealed record Prepared(PaymentId? Id, IReadOnlyList<PaymentId> InTheWay);

    /// <param name="Intent">Null when nothing is due.</param>
    /// <param name="ClientSecret">To confirm it, or a trial's card, on the buyer's page.</param>
    /// <param name="FetchedAt">The row's version before the intent was asked for, when it had been opened before; null: this is what opening it answered.</param>
    internal sealed record Opened(IntentState? Intent, string? ClientSecret, uint? FetchedAt = null);

    /// <summary>
    /// What an earlier request under the caller's key has saved, whatever became of it since. It goes on as it was agreed
    /// then: today's catalog is not asked.
    /// </summary>
    /// <exception cref="Refusal"><c>idempotency.key_reused</c></exception>
    public Task<PaymentId?> FindSavedAsync(IPurchase purchase, CancellationToken cancellationToken) =>
        scopes.RunAsync<IPaymentsDb, PaymentId?>((db, token) => purchase.FindSavedAsync(db, token), cancellationToken);

    /// <summary>Saves the intent, or finds the one that this is a repeat of.</summary>
    public async Task<Prepared> PrepareAsync(Wanted wanted, CancellationToken cancellationToken)
    {
        var customer = await customers.EnsureAsync(wanted.Purchase.UserId, cancellationToken);
        return await scopes.RunAsync<IPaymentsDb, Prepared>(
            async (db, token) =>
            {
                await using var transaction = await db.BeginAsync(token);
                await db.LockCustomerAsync(customer.Id, token);
                if (await wanted.Purchase.FindSavedAsync(db, token) is { } saved)
                {
                    return new Prepared(saved, []);
                }

                var now = clock.GetUtcNow();
                var order = wanted.Terms.OrderId is { } orderId ? (await db.LockOrdersAsync([orderId], token))[0] : null;
                order?.RequirePayable(now);
                await RequireNoneLivesAsync(db, wanted, token);
                var open = await PayableAsync(db, wanted, now, token);
                if (FindRepeated(open, wanted, now) is { } repeated)
                {
                    return new Prepared(repeated, []);
                }

                if (open.Where(p => IsForTheSame(p, wanted.Terms)).Select(p => p.Id).ToList() is { Count: > 0 } others)
                {
                    // What becomes of them says nothing about an order from now on.
                    order?.ToBePaidBy(null);
                    await db.SaveChangesAsync(token);
                    await transaction.CommitAsync(token);
                    return new Prepared(null, others);
                }

                DateTimeOffset? closes = wanted.Flow == PaymentFlow.Checkout ? now + LifetimeOf(order, now) : null;
                var payment = Payment.Open(
                    new PaymentId(ids.Next()), wanted.Purchase.UserId, wanted.Flow, wanted.Terms, wanted.Promotion?.Code, wanted.Purchase.RequestKey, wanted.Purchase.PaymentMethodId, closes, now);
                var call = Prepare(payment, customer, wanted.PriceId, wanted.Promotion?.Id, payment.PaymentMethodId, order);
                order?.ToBePaidBy(payment.Id);
                db.Payments.Add(payment);
                db.GatewayRequests.Add(new GatewayRequest(payment.Id.Value, call.Operation, call.Body, now));
                await db.SaveChangesAsync(token);
                await transaction.CommitAsync(token);
                return new Prepared(payment.Id, []);
            },
            cancellationToken);
    }

    /// <summary>Sends the saved request and saves what came of it, even if the caller goes away meanwhile: half a write helps nobody.</summary>
    /// <exception cref="GatewayFailure">Unavailable or of unknown outcome: the intent stays and is taken up again.</exception>
    /// <exception cref="Refusal">The provider refuses it for good, with its reason, or it was given up: see <see cref="PaymentRefusals.NotOpened"/>.</exception>
    public async Task<Opened?> OpenAsync(PaymentId id)
    {
        var cancellationToken = CancellationToken.None;
        var payment = await TakeUpAsync(id, cancellationToken);
        if (payment is { Flow: PaymentFlow.Checkout, SessionId: not null })
        {
            return null;
        }

        if (payment.IsNeverOpened)
        {
            throw PaymentRefusals.NotOpened(payment);
        }

        var customer = await customers.EnsureAsync(payment.UserId, cancellationToken);
        if (payment is { Flow: PaymentFlow.Intent, IsOpened: true })
        {
            return await AskAsync(payment, customer, cancellationToken);
        }

        var start = clock.GetTimestamp();
        var opened = false;
        try
        {
            var intent = await SendAsync(payment, customer, cancellationToken);
            opened = true;
            return intent;
        }
        catch (GatewayFailure failure) when (IsDeletedCustomer(failure))
        {
            await customers.ForgetAsync(customer, cancellationToken);
            customer = await customers.EnsureAsync(payment.UserId, cancellationToken);
            await RenewAsync(payment, customer, cancellationToken);
            return await SendAsync(payment, customer, cancellationToken);
        }
        catch (GatewayFailure failure) when (payment.PlanId is not null && PlanPrices.IsRefused(failure))
        {
            await RepriceAsync(payment, cancellationToken);
            return await SendAsync(payment, customer, cancellationToken);
        }
        catch (GatewayFailure failure) when (Refused(payment, failure) is { } refused)
        {
            throw PaymentRefusals.NotOpened(await ChangeAsync(id, p => p.OpeningRefused(refused.Code, refused.Reason, clock.GetUtcNow()), cancellationToken));
        }
        finally
        {
            PaymentTelemetry.Opened(clock.GetElapsedTime(start), payment.Flow, opened);
        }
    }

    /// <summary>Before a card is charged it is written down that it may be: nobody gives its payment up meanwhile, and one that was given up is not sent.</summary>
    private async Task<Payment> TakeUpAsync(PaymentId id, CancellationToken cancellationToken)
    {
        var payment = await scopes.RunAsync<IPaymentsDb, Payment>((db, token) => db.Payments.AsNoTracking().FirstAsync(p => p.Id == id, token), cancellationToken);
        return payment is { PaymentMethodId: not null, IsOpened: false } ? await ChangeAsync(id, p => p.ChargeAsked(clock.GetUtcNow()), cancellationToken) : payment;
    }

    /// <summary>What was opened before is only looked at: nothing is ever sent for it again.</summary>
    private async Task<Opened> AskAsync(Payment payment, CustomerReference customer, CancellationToken cancellationToken)
    {
        // Of a plan that is paid its own intent is all there is to tell; of a trial there is none, only the secret for its card.
        var started = payment is { PlanId: not null } and ({ IsPaid: false } or { IntentId: null }) ? await billing.FindSubscriptionAsync(customer.GatewayId, payment.Id, cancellationToken) : null;
        if (started is not null && !payment.IsPaid)
        {
            await AdoptAsync(payment, started, customer, cancellationToken);
        }

        if (payment.IntentId is not { } intentId)
        {
            return new Opened(started?.Intent, started?.ClientSecret);
        }

        var intent = await gateway.GetIntentAsync(intentId, cancellationToken);
        return new Opened(intent, intent.ClientSecret, payment.Version);
    }

    /// <summary>Why the provider will never open it, in our words; null: it may yet.</summary>
    private static (string Code, string Reason)? Refused(Payment payment, GatewayFailure failure) => failure switch
    {
        { Code: "amount_too_small" } => (OpeningFailures.AmountTooSmall, PaymentRefusals.TooSmall(payment.Amount.Currency, payment.PromotionCode)),
        { Code: "amount_too_large" } => (OpeningFailures.AmountTooLarge, PaymentRefusals.TooLarge(payment.Amount.Currency)),
        { Kind: GatewayFailureKind.NotFound or GatewayFailureKind.OurFault or GatewayFailureKind.Conflict, Parameter: "payment_method" or "default_payment_method" } =>
            (OpeningFailures.MethodUnknown, "The saved card cannot be used."),
        { Kind: GatewayFailureKind.OurFault or GatewayFailureKind.Declined or GatewayFailureKind.Conflict, Parameter: { } parameter } => (
            parameter.StartsWith("discounts", StringComparison.Ordinal) ? OpeningFailures.PromotionCodeInvalid : failure.Code ?? OpeningFailures.Refused,
            failure.SafeMessage ?? "The payment provider did not accept this purchase."),
        _ => null,
    };

    private async Task<Opened?> SendAsync(Payment payment, CustomerReference customer, CancellationToken cancellationToken)
    {
        if (payment is { Flow: PaymentFlow.Intent, PlanId: not null })
        {
            return await SubscribeAsync(payment, customer, cancellationToken);
        }

        if (payment.Flow == PaymentFlow.Intent)
        {
            var intent = await SendSavedAsync(payment.Id, gateway.OpenIntentAsync, t => gateway.FindIntentAsync(customer.GatewayId, payment.Id, t), cancellationToken);
            await AdoptAsync(payment, intent, cancellationToken);
            return new Opened(intent, intent.ClientSecret);
        }

        var session = await SendSavedAsync(payment.Id, gateway.OpenCheckoutAsync, t => gateway.FindCheckoutAsync(customer.GatewayId, payment.Id, t), cancellationToken);
        await ChangeAsync(payment.Id, p => p.SessionOpened(session.SessionId, session.Url, session.ExpiresAt, clock.GetUtcNow()), cancellationToken);
        return null;
    }

    /// <summary>The subscription's own first invoice is what is paid; with nothing due there is only its secret, for the card of a trial.</summary>
    private async Task<Opened> SubscribeAsync(Payment payment, CustomerReference customer, CancellationToken cancellationToken)
    {
        var started = await SendSavedAsync(payment.Id, billing.OpenSubscriptionAsync, t => billing.FindSubscriptionAsync(customer.GatewayId, payment.Id, t), cancellationToken);
        await AdoptAsync(payment, started, customer, cancellationToken);
        return new Opened(started.Intent, started.ClientSecret);
    }

    /// <summary>This intent of the provider's is the payment's.</summary>
    public Task AdoptAsync(Payment payment, IntentState intent, CancellationToken cancellationToken) =>
        ChangeAsync(payment.Id, p => p.IntentOpened(intent.IntentId, clock.GetUtcNow()), cancellationToken);

    /// <summary>This subscription of the provider's is the payment's.</summary>
    public async Task AdoptAsync(Payment payment, StartedSubscription started, CustomerReference customer, CancellationToken cancellationToken)
    {
        // Asked for, although its events may have told of it by now: the answer says what became of the charge.
        await subscriptions.LookAsync(started.State.SubscriptionId, payment.Id, customer.GatewayId, cancellationToken);
        if (started.Intent is { } intent)
        {
            await AdoptAsync(payment, intent, cancellationToken);
        }
    }

    private Task<T> SendSavedAsync<T>(PaymentId id, Func<PreparedCall, string, CancellationToken, Task<T>> send, Func<CancellationToken, Task<T?>> find, CancellationToken cancellationToken)
        where T : class => scopes.RunAsync<IPaymentsDb, GatewaySends, T>(
        async (db, sends, token) => await sends.SendAsync(await db.GatewayRequests.FirstAsync(r => r.SubjectId == id.Value, token), send, find, token),
        cancellationToken);

    private Task<bool> RenewAsync(Payment payment, CustomerReference customer, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, bool>(
        async (db, token) =>
        {
            var request = await db.GatewayRequests.FirstAsync(r => r.SubjectId == payment.Id.Value, token);
            var promotion = payment.PromotionCode is { } code ? await gateway.FindPromotionCodeAsync(code, token) : null;
            var priceId = payment.PlanId is null ? null : await PriceAsync(db, payment, token);
            var order = payment.OrderId is { } id ? await db.Orders.AsNoTracking().Include(o => o.Lines).FirstAsync(o => o.Id == id, token) : null;
            var call = Prepare(payment, customer, priceId, promotion?.Id, null, order);
            request.Renew(call.Operation, call.Body, clock.GetUtcNow());
            await db.SaveChangesAsync(token);
            return true;
        },
        cancellationToken);

    /// <summary>The same request goes out with a price that the provider still sells at.</summary>
    private Task<bool> RepriceAsync(Payment payment, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, bool>(
        async (db, token) =>
        {
            var request = await db.GatewayRequests.FirstAsync(r => r.SubjectId == payment.Id.Value, token);
            var call = new PreparedCall(request.Operation, request.Body);
            await prices.ForgetAsync(plans.PriceOf(call), token);
            var renewed = plans.Reprice(call, await PriceAsync(db, payment, token));
            request.Renew(renewed.Operation, renewed.Body, clock.GetUtcNow());
            await db.SaveChangesAsync(token);
            return true;
        },
        cancellationToken);

    /// <summary>The provider's price of the payment's plan, which must still cost what the buyer was shown.</summary>
    private async Task<string> PriceAsync(IPaymentsDb db, Payment payment, CancellationToken cancellationToken)
    {
        var plan = await db.Plans.AsNoTracking().FirstAsync(p => p.Id == payment.PlanId, cancellationToken);
        if (plan.Price == payment.UnitPrice)
        {
            return await prices.EnsureAsync(plan.Id, cancellationToken);
        }

        throw PaymentRefusals.NotOpened(await ChangeAsync(
            payment.Id, p => p.OpeningRefused(OpeningFailures.PriceChanged, "The plan's price has changed since; start again.", clock.GetUtcNow()), cancellationToken));
    }

    private PreparedCall Prepare(Payment payment, CustomerReference customer, string? priceId, string? promotionCodeId, string? paymentMethodId, Order? order) => payment switch
    {
        { Flow: PaymentFlow.Intent, PlanId: { } plan } => billing.PrepareSubscription(
            new NewSubscription(payment.Id, payment.UserId, plan, customer.GatewayId, priceId!, payment.Quantity, payment.TrialDays, paymentMethodId)),
        { Flow: PaymentFlow.Intent } => gateway.PrepareIntent(
            new NewIntent(payment.Id, payment.UserId, customer.GatewayId, payment.Kind.ToString(), payment.Description, payment.Amount, paymentMethodId, options.SuccessUrl)),
        _ => gateway.PrepareCheckout(
            new NewCheckout(
                payment.Id, payment.UserId, customer.GatewayId, payment.Kind.ToString(), order is null ? LineName(payment) : payment.Description, LinesOf(payment, order), promotionCodeId,
                options.SuccessUrl, options.CancelUrl, payment.SessionExpiresAt!.Value) { Plan = payment.PlanId is { } plan ? new CheckoutPlan(plan, priceId!, payment.TrialDays) : null }),
    };

    private static List<CheckoutLine> LinesOf(Payment payment, Order? order) => order is null
        ? [new CheckoutLine(LineName(payment), payment.UnitPrice, payment.Quantity)]
        : [.. order.Lines.OrderBy(l => l.Number).Select(l => new CheckoutLine(l.Name, l.Price, l.Quantity))];

    /// <summary>A page for an order closes with it, or as soon after it as the provider allows.</summary>
    private TimeSpan LifetimeOf(Order? order, DateTimeOffset now)
    {
        var left = order is not null && order.ExpiresAt - now < options.SessionLifetime ? order.ExpiresAt - now : options.SessionLifetime;
        return left < LeastLifetime ? LeastLifetime : left > MostLifetime ? MostLifetime : left;
    }

    private static string LineName(Payment payment) => payment.Quantity == 1 ? payment.Description : payment.Description[(payment.Description.IndexOf('×', StringComparison.Ordinal) + 2)..];

    /// <summary>Whoever asked at the same time may have begun one since this one was priced.</summary>
    /// <exception cref="Refusal"><c>subscription.exists</c></exception>
    private static async Task RequireNoneLivesAsync(IPaymentsDb db, Wanted wanted, CancellationToken cancellationToken)
    {
        if (wanted.Terms.PlanId is { } plan && await db.Subscriptions.AnyAsync(
            s => s.UserId == wanted.Purchase.UserId && s.GatewayCreatedAt != null && s.Ending == null && Subscription.LiveStatuses.Contains(s.Status) && db.Plans.Any(p => p.Id == plan && p.Family == s.Family),
            cancellationToken))
        {
            throw SubscriptionRefusals.Exists();
        }
    }

    /// <summary>
    /// What the buyer can still pay of a thing that nobody wants twice, all of it; of credits what may be a repeat of this.
    /// However much else they have opened and left lying.
    /// </summary>
    /// <exception cref="Refusal"><c>item.owned</c>, <c>item.being_paid</c>, <c>order.being_paid</c>, <c>subscription.being_paid</c>, <c>subscription.exists</c></exception>
    private static async Task<List<Payment>> PayableAsync(IPaymentsDb db, Wanted wanted, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (user, terms) = (wanted.Purchase.UserId, wanted.Terms);
        var (type, id) = (terms.Access?.Type, terms.Access?.Id);
        if (terms.ItemId is not null && await db.Payments.Where(ItemDeliveries.Stand).AnyAsync(p => p.UserId == user && p.AccessType == type && p.AccessId == id, cancellationToken))
        {
            throw PaymentRefusals.ItemOwned();
        }

        var mine = db.Payments.AsNoTracking().Where(p => p.UserId == user && p.CompletedAt == null && p.Status != PaymentStatus.Canceled && p.Status != PaymentStatus.Expired && p.Flow != PaymentFlow.Invoice);
        var open = terms switch
        {
            { ItemId: not null } => await mine.Where(p => p.ItemId != null && p.AccessType == type && p.AccessId == id).ToListAsync(cancellationToken),
            { OrderId: { } order } => await mine.Where(p => p.OrderId == order).ToListAsync(cancellationToken),
            { PlanId: { } plan } => await mine.Where(p => p.PlanId == plan).ToListAsync(cancellationToken),
            _ => [],
        };
        open = [.. open.Where(p => p.IsPayable(now)).OrderByDescending(p => p.CreatedAt)];
        if (open.Exists(p => p.Status == PaymentStatus.Processing))
        {
            throw BeingPaid(terms);
        }

        var since = now - TimeSpan.FromHours(24);
        var repeats = mine.Where(p => p.CreatedAt > since && p.Flow == wanted.Flow);
        if (wanted.Purchase.RequestKey is null && !terms.IsOnlyOnce)
        {
            var (kind, pack, credits, quantity) = (terms.Kind, terms.CreditPackId, terms.Credits, terms.Quantity);
            open.AddRange(await repeats.Where(p => p.RequestKey == null && p.Kind == kind && p.CreditPackId == pack && p.Credits == credits && p.Quantity == quantity)
                .OrderByDescending(p => p.CreatedAt).Take(MostRepeats).ToListAsync(cancellationToken));
        }

        return [.. open.Where(p => p.IsPayable(now)).DistinctBy(p => p.Id)];
    }

    /// <summary>The payment for it is on its way, or cannot be closed.</summary>
    internal static Refusal BeingPaid(PaymentTerms terms) => terms switch
    {
        { ItemId: not null } => PaymentRefusals.ItemBeingPaid(),
        { PlanId: not null } => SubscriptionRefusals.BeingPaid(),
        _ => OrderRefusals.BeingPaid(),
    };

    /// <summary>Both are for one thing that nobody wants twice.</summary>
    private static bool IsForTheSame(Payment payment, PaymentTerms terms) =>
        (terms.ItemId is not null && payment.ItemId is not null && payment.Access == terms.Access)
        || (terms.OrderId is not null && payment.OrderId == terms.OrderId)
        || (terms.PlanId is not null && payment.PlanId == terms.PlanId);

    private static PaymentId? FindRepeated(List<Payment> open, Wanted wanted, DateTimeOffset now)
    {
        // Nobody wants one plan, item or order twice, so the page that is open for it is handed back whatever the key; for
        // credits only without one. An intent of those never is: its owner has its secret.
        return wanted.Flow switch
        {
            PaymentFlow.Checkout when wanted.Purchase.RequestKey is null || wanted.Terms.IsOnlyOnce => open.Find(
                p => p.Flow == wanted.Flow && IsSame(p, wanted) && p.SessionExpiresAt > now + LeastTimeLeft && p.Status != PaymentStatus.Processing)?.Id,

            // The saved request is sent again, so it cannot take another card than the one that was declined.
            PaymentFlow.Intent when wanted.Terms.IsOnlyOnce => open.Find(
                p => p.Flow == wanted.Flow && IsSame(p, wanted) && p.PaymentMethodId == wanted.Purchase.PaymentMethodId && p.Status != PaymentStatus.Failed)?.Id,
            _ => null,
        };
    }

    private static bool IsSame(Payment payment, Wanted wanted) =>
        payment.Kind == wanted.Terms.Kind
        && payment.CreditPackId == wanted.Terms.CreditPackId
        && payment.PlanId == wanted.Terms.PlanId
        && payment.ItemId == wanted.Terms.ItemId
        && payment.OrderId == wanted.Terms.OrderId
        && payment.TrialDays == wanted.Terms.TrialDays
        && payment.Credits == wanted.Terms.Credits
        && payment.Quantity == wanted.Terms.Quantity
        && payment.UnitPrice == wanted.Terms.UnitPrice
        && string.Equals(payment.PromotionCode, wanted.Promotion?.Code, StringComparison.OrdinalIgnoreCase);

    private static bool IsDeletedCustomer(GatewayFailure failure) => failure is { Code: "resource_missing", Parameter: "customer" };

    private Task<Payment> ChangeAsync(PaymentId id, Action<Payment> change, CancellationToken cancellationToken) => scopes.RunAsync<IPaymentsDb, Payment>(
        async (db, token) =>
        {
            await using var transaction = await db.BeginAsync(token);
            var payment = (await db.LockPaymentsAsync([id], token))[0];
            change(payment);
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return payment;
        },
        cancellationToken);
}
