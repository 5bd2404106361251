using System.Net;
using System.Text.Json;

using Payments.Application.Payments.Gateway;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Stripe;

/// <summary>The payment provider is Stripe. No database is known here: what is asked goes out, what comes back is put into our words.</summary>
internal sealed class StripeGateway(StripeCalls calls, StripeOptions options) : IPaymentGateway
{
    private const string Customers = "/v1/customers";
    private const string Sessions = "/v1/checkout/sessions";
    private const string Intents = "/v1/payment_intents";
    private const string Charges = "/v1/charges";
    private const string PromotionCodes = "/v1/promotion_codes";

    private const string CreateCustomer = "POST " + Customers;
    private const string CreateSession = "POST " + Sessions;
    private const string CreateIntent = "POST " + Intents;

    public GatewayAccount Account { get; } = options.Account();

    public PreparedCall PrepareCustomer(NewCustomer customer) => new(
        CreateCustomer,
        new StripeForm()
            .Set("email", Given(customer.Email))
            .Set("name", Given(customer.Name))
            .Nest("metadata", metadata => metadata.Set("user_id", customer.UserId.ToString()))
            .ToString());

    public PreparedCall PrepareCheckout(NewCheckout checkout)
    {
        var form = new StripeForm()
            .Set("mode", checkout.Plan is null ? "payment" : "subscription")
            .Set("customer", checkout.CustomerId)
            .Set("client_reference_id", checkout.PaymentId.ToString())
            .List("line_items", checkout.Lines, (line, sold) => Line(line, sold, checkout.Plan))
            .WithPromotion(checkout.PromotionCodeId)
            .Nest("metadata", metadata => Ours(metadata, checkout.PaymentId, checkout.UserId, checkout.Kind));
        _ = checkout.Plan is { } plan
            ? form.Nest("subscription_data", subscription =>
            {
                subscription.Nest("metadata", metadata => Ours(metadata, checkout.PaymentId, checkout.UserId, checkout.Kind).Set("plan_id", plan.PlanId.ToString()));
                if (plan.TrialDays > 0)
                {
                    subscription.Set("trial_period_days", plan.TrialDays);
                }
            })
            : form.Nest("payment_intent_data", intent => intent
                .Set("description", checkout.Description)
                .Nest("metadata", metadata => Ours(metadata, checkout.PaymentId, checkout.UserId, checkout.Kind)));
        return new PreparedCall(
            CreateSession,
            form.Set("success_url", checkout.SuccessUrl).Set("cancel_url", checkout.CancelUrl).Set("expires_at", checkout.ExpiresAt).ToString());
    }

    public PreparedCall PrepareIntent(NewIntent intent)
    {
        var confirms = intent.PaymentMethodId is not null;
        var form = new StripeForm()
            .Set("amount", intent.Amount.Minor)
            .Set("currency", intent.Amount.Currency.Code)
            .Set("customer", intent.CustomerId)
            .Set("description", Given(intent.Description))
            .Nest("automatic_payment_methods", methods =>
            {
                methods.Set("enabled", true);
                if (confirms && intent.ReturnUrl is null)
                {
                    // Without an address to come back to, methods that leave the page are refused on confirmation.
                    methods.Set("allow_redirects", "never");
                }
            })
            .Nest("metadata", metadata => Ours(metadata, intent.PaymentId, intent.UserId, intent.Kind));
        if (confirms)
        {
            // Not off_session: the buyer is there, and a challenge comes back as a state instead of a decline.
            form.Set("payment_method", intent.PaymentMethodId).Set("confirm", true).Set("return_url", intent.ReturnUrl);
        }

        return new PreparedCall(CreateIntent, form.List("expand", "latest_charge").ToString());
    }

    public async Task<CustomerState> CreateCustomerAsync(PreparedCall call, string idempotencyKey, CancellationToken cancellationToken) =>
        StripeStates.Customer(await calls.ReadAsync(StripeCalls.Prepared(call, CreateCustomer, idempotencyKey), StripeJson.Default.WireCustomer, cancellationToken));

    public async Task<CheckoutState> OpenCheckoutAsync(PreparedCall call, string idempotencyKey, CancellationToken cancellationToken) =>
        await CheckoutAsync(StripeCalls.Prepared(call, CreateSession, idempotencyKey), cancellationToken);

    public async Task<IntentState> OpenIntentAsync(PreparedCall call, string idempotencyKey, CancellationToken cancellationToken)
    {
        var request = StripeCalls.Prepared(call, CreateIntent, idempotencyKey);
        var reply = await calls.SendAsync(request, cancellationToken);
        return reply.Answer.Status != HttpStatusCode.OK && StripeErrors.IsDecline(reply.Answer) && reply.Answer.Error is { PaymentIntent: { } made } error
            ? DeclinedIntent(reply, error, made)
            : calls.Map(reply, StripeCalls.Content(reply, StripeJson.Default.WireIntent), StripeStates.Intent);
    }

    public async Task<CustomerState> UpdateCustomerAsync(string customerId, string? email, string? name, string idempotencyKey, CancellationToken cancellationToken)
    {
        // What we do not have stays as it is: Stripe describes no way to take a customer's email or name away.
        var form = new StripeForm().Set("email", Given(email)).Set("name", Given(name));
        var request = new StripeRequest(HttpMethod.Post, "POST " + Customers + "/{id}", $"{Customers}/{StripeCalls.Id(customerId)}", form.ToString(), StripeCalls.Key(idempotencyKey));
        return StripeStates.Customer(await calls.ReadAsync(request, StripeJson.Default.WireCustomer, cancellationToken));
    }

    public async Task<bool> DeleteCustomerAsync(string customerId, CancellationToken cancellationToken)
    {
        // A DELETE takes no idempotency key, and needs none: what is gone stays so.
        var request = new StripeRequest(HttpMethod.Delete, "DELETE " + Customers + "/{id}", $"{Customers}/{StripeCalls.Id(customerId)}", "");
        try
        {
            await calls.ReadAsync(request, StripeJson.Default.WireCustomer, cancellationToken);
            return true;
        }
        catch (GatewayFailure failure) when (failure.Kind is GatewayFailureKind.NotFound)
        {
            return false;
        }
    }

    public async Task<CustomerState?> FindCustomerAsync(UserId userId, string? email, CancellationToken cancellationToken)
    {
        // Oldest first, so that everybody who looks finds the same one. Without an address only the newest are
        // looked through, which is where an unknown send is; missing it costs a spare customer, and no money.
        var found = await calls.ListAsync(Customers, form => form.Set("email", Given(email)), StripeJson.Default.CustomerList, StripeErrors.Nothing, cancellationToken);
        return found.Select(StripeStates.Customer).LastOrDefault(customer => customer.UserId == userId && !customer.Deleted);
    }

    public async Task<CheckoutState?> FindCheckoutAsync(string customerId, PaymentId paymentId, CancellationToken cancellationToken)
    {
        var sessions = await calls.ListAsync(Sessions, form => form.Set("customer", customerId), StripeJson.Default.SessionList, StripeErrors.TooMany, cancellationToken);
        var found = sessions
            .Where(session => StripeStates.Payment(session.Metadata) == paymentId)
            .MinBy(session => session.Status switch { "complete" => 0, "open" => 1, _ => 2 });
        return found is null ? null : await GetCheckoutAsync(found.Id, cancellationToken);
    }

    public async Task<IntentState?> FindIntentAsync(string customerId, PaymentId paymentId, CancellationToken cancellationToken)
    {
        var intents = await calls.ListAsync(Intents, form => form.Set("customer", customerId), StripeJson.Default.IntentList, StripeErrors.TooMany, cancellationToken);
        var found = intents
            .Where(intent => StripeStates.Payment(intent.Metadata) == paymentId)
            .MinBy(intent => intent.Status switch { "succeeded" => 0, "requires_capture" => 1, "processing" => 2, "canceled" => 4, _ => 3 });
        return found is null ? null : await GetIntentAsync(found.Id, cancellationToken);
    }

    public async Task<CheckoutState> GetCheckoutAsync(string sessionId, CancellationToken cancellationToken) =>
        await CheckoutAsync(StripeCalls.Get(Sessions, sessionId, new StripeForm().List("expand", "payment_intent.latest_charge")), cancellationToken);

    public Task<IntentState> GetIntentAsync(string intentId, CancellationToken cancellationToken) =>
        IntentAsync(StripeCalls.Get(Intents, intentId, new StripeForm().List("expand", "latest_charge")), cancellationToken);

    public async Task<ChargeState> GetChargeAsync(string chargeId, CancellationToken cancellationToken)
    {
        var reply = await calls.SendAsync(StripeCalls.Get(Charges, chargeId, new StripeForm()), cancellationToken);
        return calls.Map(reply, StripeCalls.Content(reply, StripeJson.Default.WireCharge), StripeStates.Charge);
    }

    public async Task<CheckoutState> ExpireCheckoutAsync(string sessionId, string idempotencyKey, CancellationToken cancellationToken)
    {
        var request = new StripeRequest(
            HttpMethod.Post,
            "POST " + Sessions + "/{id}/expire",
            $"{Sessions}/{StripeCalls.Id(sessionId)}/expire",
            new StripeForm().List("expand", "payment_intent.latest_charge").ToString(),
            StripeCalls.Key(idempotencyKey))
        {
            ConflictsWithoutCode = true,
        };
        try
        {
            return await CheckoutAsync(request, cancellationToken);
        }
        catch (GatewayFailure conflict) when (conflict.Kind == GatewayFailureKind.Conflict)
        {
            // Stripe refuses to expire what is expired in the same words as what is paid; only the latter is a conflict.
            var state = await GetCheckoutAsync(sessionId, cancellationToken);
            if (state.Status == CheckoutStatus.Expired)
            {
                return state;
            }

            throw;
        }
    }

    public async Task<IntentState> CancelIntentAsync(string intentId, string idempotencyKey, CancellationToken cancellationToken)
    {
        var request = new StripeRequest(
            HttpMethod.Post,
            "POST " + Intents + "/{id}/cancel",
            $"{Intents}/{StripeCalls.Id(intentId)}/cancel",
            new StripeForm().List("expand", "latest_charge").ToString(),
            StripeCalls.Key(idempotencyKey));
        try
        {
            return await IntentAsync(request, cancellationToken);
        }
        catch (GatewayFailure conflict) when (conflict.Kind == GatewayFailureKind.Conflict)
        {
            // What is cancelled is refused in the same words as what is paid; only the latter is a conflict.
            var state = await GetIntentAsync(intentId, cancellationToken);
            if (state.Status == IntentStatus.Canceled)
            {
                return state;
            }

            throw;
        }
    }

    public async Task<PromotionCode?> FindPromotionCodeAsync(string code, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(code))
        {
            return null;
        }

        var request = new StripeRequest(
            HttpMethod.Get,
            "GET " + PromotionCodes,
            PromotionCodes,
            new StripeForm().Set("active", true).Set("code", code.Trim()).Set("limit", StripeCalls.PageSize).ToString());
        var list = await calls.ReadAsync(request, StripeJson.Default.PromotionCodeList, cancellationToken);
        var found = list.Data.FirstOrDefault(promotion => promotion.Active && promotion.Code.Equals(code.Trim(), StringComparison.OrdinalIgnoreCase));
        return found is null ? null : new PromotionCode(found.Id, found.Code);
    }

    private static void Line(StripeForm line, CheckoutLine sold, CheckoutPlan? plan)
    {
        _ = plan is not null
            ? line.Set("price", plan.PriceId)
            : line.Nest("price_data", price => price
                .Set("currency", sold.UnitPrice.Currency.Code)
                .Set("unit_amount", sold.UnitPrice.Minor)
                .Nest("product_data", product => product.Set("name", sold.Name)));
        line.Set("quantity", sold.Quantity);
    }

    /// <summary>What ties everything that we create to our rows.</summary>
    internal static StripeForm Ours(StripeForm metadata, PaymentId payment, UserId user, string kind) => metadata
        .Set("payment_id", payment.ToString())
        .Set("user_id", user.ToString())
        .Set("kind", kind);

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private async Task<IntentState> IntentAsync(StripeRequest request, CancellationToken cancellationToken)
    {
        var reply = await calls.SendAsync(request, cancellationToken);
        return calls.Map(reply, StripeCalls.Content(reply, StripeJson.Default.WireIntent), StripeStates.Intent);
    }

    private async Task<CheckoutState> CheckoutAsync(StripeRequest request, CancellationToken cancellationToken)
    {
        var reply = await calls.SendAsync(request, cancellationToken);
        return calls.Map(reply, StripeCalls.Content(reply, StripeJson.Default.WireSession), StripeStates.Checkout);
    }

    /// <summary>The bank said no: that is the intent's state, not a failure of the call.</summary>
    private IntentState DeclinedIntent(StripeReply reply, WireError error, JsonElement made)
    {
        WireIntent? intent;
        try
        {
            intent = made.Deserialize(StripeJson.Default.WireIntent);
        }
        catch (JsonException exception)
        {
            throw StripeErrors.Unreadable(reply, exception);
        }

        var state = calls.Map(reply, intent ?? throw reply.Failure(), StripeStates.Intent);
        return state.LastFailure is null ? state with { LastFailure = StripeStates.Failure(error) } : state;
    }
}

internal static class StripeFormExtensions
{
    public static StripeForm WithPromotion(this StripeForm form, string? promotionCodeId) => promotionCodeId is null
        ? form
        : form.List("discounts", [promotionCodeId], static (discount, id) => discount.Set("promotion_code", id));
}
