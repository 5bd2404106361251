using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>Subscriptions as the API makes, shows and ends them. Changing one is <see cref="SubscriptionChanges"/>.</summary>
internal static class Subscriptions
{
    public const string Type = "subscription";

    private static readonly string[] PaidAtOnce =
    [
        "payment_method.attached", "customer.created", "charge.succeeded", "customer.updated", "customer.subscription.created", "payment_intent.succeeded",
        "payment_intent.created", "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded",
    ];

    private static readonly string[] NotPaidAtOnce =
    [
        "customer.updated", "customer.subscription.created", "invoice.created", "invoice.finalized", "payment_intent.created", "charge.failed",
        "payment_intent.payment_failed", "payment_intent.requires_action", "invoice.payment_failed", "invoice.payment_action_required", "invoice.updated",
        "invoice.paid", "invoice.payment_succeeded",
    ];

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/subscriptions", Create);
        routes.Get("/v1/subscriptions", List);
        routes.Get("/v1/subscriptions/{id}", call => call.Work.FromPath(call.Id, Type, "subscription"));
        routes.Post("/v1/subscriptions/{id}", SubscriptionChanges.Update);
        routes.Delete("/v1/subscriptions/{id}", SubscriptionChanges.Cancel);
        routes.Post("/v1/subscriptions/{id}/resume", SubscriptionChanges.Resume);
    }

    public static JsonObject Get(Work work, string id, string param) => work.FromParameter(id, Type, "subscription", param);

    /// <summary>A subscription that has not begun. Parameters are those of the API call, or of a session's subscription_data.</summary>
    public static JsonObject New(Work work, string id, string customer, JsonArray items, JsonObject parameters)
    {
        var trialEnd = TrialEnd(work, items, parameters);
        var cardOptions = parameters.Hash("payment_settings").Hash("payment_method_options").Hash("card");
        var subscription = new JsonObject
        {
            ["id"] = id,
            ["object"] = Type,
            ["application"] = null,
            ["application_fee_percent"] = null,
            ["automatic_tax"] = new JsonObject { ["disabled_reason"] = null, ["enabled"] = false, ["liability"] = null },
            ["billing_cycle_anchor"] = trialEnd ?? work.Now,
            ["billing_cycle_anchor_config"] = null,
            ["billing_mode"] = new JsonObject
            {
                ["flexible"] = new JsonObject { ["proration_discounts"] = "included" },
                ["type"] = parameters.Hash("billing_mode").Text("type") ?? "flexible",
            },
            ["billing_schedules"] = new JsonArray(),
            ["billing_thresholds"] = null,
            ["cancel_at"] = null,
            ["cancel_at_period_end"] = false,
            ["canceled_at"] = null,
            ["cancellation_details"] = new JsonObject { ["comment"] = null, ["feedback"] = null, ["reason"] = null },
            ["collection_method"] = "charge_automatically",
            ["created"] = work.Now,
            ["currency"] = items[0].Hash("price").Text("currency"),
            ["customer"] = customer,
            ["customer_account"] = null,
            ["days_until_due"] = null,
            ["default_payment_method"] = null,
            ["default_source"] = null,
            ["default_tax_rates"] = TaxRates.Named(work, parameters, "default_tax_rates"),
            ["description"] = parameters.Text("description"),
            ["discounts"] = new JsonArray(),
            ["ended_at"] = null,
            ["invoice_settings"] = new JsonObject
            {
                ["account_tax_ids"] = null,
                ["custom_fields"] = null,
                ["description"] = null,
                ["footer"] = null,
                ["issuer"] = new JsonObject { ["type"] = "self" },
            },
            ["items"] = Lists.Of(items.Select(i => i!.DeepClone()), hasMore: false, $"/v1/subscription_items?subscription={id}"),
            ["latest_invoice"] = null,
            ["livemode"] = false,
            ["managed_payments"] = null,
            ["metadata"] = Metadata.From(parameters),
            ["next_pending_invoice_item_invoice"] = null,
            ["on_behalf_of"] = null,
            ["pause_collection"] = null,
            ["payment_settings"] = new JsonObject
            {
                ["payment_method_options"] = cardOptions is null ? null : new JsonObject
                {
                    ["card"] = new JsonObject
                    {
                        ["network"] = cardOptions.Text("network"),
                        ["request_three_d_secure"] = cardOptions.Text("request_three_d_secure") ?? "automatic",
                    },
                },
                ["payment_method_types"] = parameters.Hash("payment_settings").Items("payment_method_types")?.DeepClone(),
                ["save_default_payment_method"] = parameters.Hash("payment_settings").Text("save_default_payment_method") ?? "off",
            },
            ["pending_invoice_item_interval"] = null,
            ["pending_setup_intent"] = null,
            ["pending_update"] = null,
            ["schedule"] = null,
            ["start_date"] = work.Now,
            ["status"] = trialEnd is null ? "incomplete" : "trialing",
            ["test_clock"] = work.Find(customer, "customer").Text("test_clock"),
            ["transfer_data"] = null,
            ["trial_end"] = trialEnd,
            ["trial_settings"] = new JsonObject
            {
                ["end_behavior"] = new JsonObject
                {
                    ["missing_payment_method"] = parameters.Hash("trial_settings").Hash("end_behavior").Text("missing_payment_method") ?? "create_invoice",
                },
            },
            ["trial_start"] = trialEnd is null ? null : work.Now,
        };
        SubscriptionCycles.SetPeriod(subscription, work.Now, trialEnd ?? SubscriptionCycles.EndOf(subscription, work.Now));
        return subscription;
    }

    /// <summary>The first invoice, drafted and told of; the subscription's period begins with it.</summary>
    public static JsonObject FirstInvoice(Work work, JsonObject subscription, IReadOnlyList<JsonObject> oneTime, bool peek = false)
    {
        var (start, end) = SubscriptionCycles.PeriodOf(subscription);
        var trial = subscription.Text("status") is "trialing";
        var customer = subscription.Text("customer")!;
        var invoice = Invoices.Draft(work, new DraftInvoice
        {
            Customer = customer,
            Currency = subscription.Text("currency")!,
            Reason = "subscription_create",
            Subscription = subscription,
            PendingItems = oneTime,
            Lines = [.. SubscriptionCycles.ItemsOf(subscription).Select(i => InvoiceLines.ForItem(work, subscription, i, start, end, trial))],
            Discounts = Discounts.Holding(work, subscription, start),
            Peek = peek,
        });
        if (peek)
        {
            return invoice;
        }

        subscription["latest_invoice"] = invoice.Text("id");
        subscription.Private()["untold"] = true;
        SubscriptionCycles.RememberBilled(work, subscription, invoice);
        work.Save(subscription);
        work.Emit("invoice.created", invoice);
        return invoice;
    }

    /// <summary>Its first invoice has come to what it could: now the world hears of the subscription, and the clock takes over.</summary>
    public static void Begun(Work work, JsonObject subscription)
    {
        subscription.Private().Remove("untold");
        work.Save(subscription);
        work.Emit("customer.subscription.created", subscription);
        SubscriptionCycles.Schedule(work, subscription);
        if (subscription.Text("status") is "incomplete")
        {
            work.Schedule(SubscriptionStates.ExpiryDue, subscription.Text("id")!, work.Time + SubscriptionStates.FirstPaymentWithin);
        }
    }

    /// <summary>A customer's first purchase fixes the currency.</summary>
    public static void TakeCurrency(Work work, JsonObject customer, string currency)
    {
        if (customer.Text("currency") is { } other && !string.Equals(other, currency, StringComparison.Ordinal))
        {
            throw StripeException.Invalid(
                $"You cannot combine currencies on a single customer. This customer has an active subscription, subscription schedule, discount, quote, or invoice item with currency {other}.");
        }

        customer["currency"] = currency;
        work.Save(customer);
    }

    /// <summary>What a customer shows when asked for its subscriptions: those that are not over.</summary>
    public static JsonObject LiveOf(Work work, string customer) => Lists.Of(
        work.NewestFirst(Type)
            .Where(s => string.Equals(s.Filter("customer"), customer, StringComparison.Ordinal))
            .Select(s => work.Find(s.Id)!)
            .Where(s => !SubscriptionStates.IsOver(s))
            .Select(DeclineBodies.Shown),
        hasMore: false,
        $"/v1/customers/{customer}/subscriptions");

    private static JsonObject Create(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var customerId = parameters.Text("customer") ?? throw StripeException.Invalid("Missing required param: customer.", "customer", "parameter_missing");
        var customer = Customers.Get(work, customerId);
        CheckKnown(parameters);
        var behavior = parameters.Text("payment_behavior") ?? "allow_incomplete";
        var id = Ids.New("sub_");
        var items = SubscriptionItems.From(work, id, parameters.Items("items"));
        var subscription = New(work, id, customerId, items, parameters);
        subscription["default_payment_method"] = MethodOf(work, parameters, customerId);
        SubscriptionChanges.SetCancellation(work, subscription, parameters);
        subscription["discounts"] = Discounts.From(
            work, parameters.Items("discounts"), customerId, id, items.Sum(i => SubscriptionItems.Amount(i!.AsObject())), subscription.Text("currency")!);
        var oneTime = OneTime(work, subscription, parameters.Items("add_invoice_items"));
        work.InOrder(() =>
        {
            var before = customer.DeepClone().AsObject();
            TakeCurrency(work, customer, subscription.Text("currency")!);
            work.EmitUpdated("customer.updated", before, customer);
            var invoice = FirstInvoice(work, subscription, oneTime);
            var method = InvoicePayments.DefaultMethod(work, subscription, customerId);
            if (method is null && invoice.Integer("amount_due") > 0 && behavior is not "default_incomplete")
            {
                throw StripeException.Invalid(
                    "This customer has no attached payment source or default payment method. Please consider adding a default payment method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
                    code: "resource_missing");
            }

            Invoices.Finalize(work, invoice);
            var offSession = parameters.Flag("off_session") == true;
            if (behavior is not "default_incomplete"
                && InvoicePayments.ChargeByItself(work, invoice, tellUpdated: false, offSession) is { } refusal && behavior is "error_if_incomplete")
            {
                throw StripeException.Declined(refusal.Error, keepsEffects: false);
            }

            if (subscription.Text("status") is "trialing" && (method is null || behavior is "default_incomplete"))
            {
                subscription["pending_setup_intent"] = SetupIntents.ForSubscription(work, customerId, id).Text("id");
            }

            Begun(work, subscription);
            return invoice.Text("status") is "paid" && invoice.Integer("amount_paid") > 0 ? PaidAtOnce : NotPaidAtOnce;
        });
        SubscriptionCycles.TellShortTrial(work, subscription);
        return subscription;
    }

    public static string? MethodOf(Work work, JsonObject parameters, string customer)
    {
        if (parameters.Text("default_payment_method") is not { } id)
        {
            return null;
        }

        var method = PaymentMethods.Get(work, id, "default_payment_method");
        return string.Equals(method.Text("customer"), customer, StringComparison.Ordinal)
            ? id
            : throw StripeException.Invalid(
                $"The customer does not have a payment method with the ID {id}. The payment method must be attached to the customer.", "default_payment_method", "resource_missing");
    }

    /// <summary>What is bought once along with a subscription, as items of its first invoice.</summary>
    public static List<JsonObject> OneTime(Work work, JsonObject subscription, JsonArray? parameters)
    {
        var made = new List<JsonObject>();
        for (var i = 0; i < (parameters?.Count ?? 0); i++)
        {
            var (given, path) = (parameters![i]!.AsObject(), $"add_invoice_items[{i}]");
            var price = given.Text("price") is { } named ? Prices.Get(work, named, $"{path}[price]")
                : given.Hash("price_data") is { } data ? Prices.FromData(work, data, $"{path}[price_data]", active: false)
                : throw StripeException.Invalid($"Missing required param: {path}[price].", $"{path}[price]", "parameter_missing");
            made.Add(InvoiceItems.OneTime(work, subscription, price, given.Integer("quantity") ?? 1));
        }

        return made;
    }

    /// <summary>When the trial that the parameters ask for ends, Unix seconds; null: they ask for none.</summary>
    public static long? TrialEnd(Work work, JsonArray items, JsonObject parameters)
    {
        if (parameters.ContainsKey("trial_end") && parameters.ContainsKey("trial_period_days"))
        {
            throw StripeException.Invalid("You may only specify one of these parameters: trial_end, trial_period_days.", "trial_end", "parameters_exclusive");
        }

        if (parameters.Integer("trial_end") is { } end)
        {
            return end > work.Now ? end : throw StripeException.Invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", "trial_end");
        }

        var days = parameters.Integer("trial_period_days")
            ?? (parameters.Flag("trial_from_plan") == true ? items[0].Hash("price").Hash("recurring").Integer("trial_period_days") : null);
        return days switch
        {
            null or 0 => null,
            >= 1 and <= 730 => work.Now + (days * 86_400),
            _ => throw StripeException.Invalid("The number of trial days must be from 1 to 730.", "trial_period_days", "parameter_invalid_integer"),
        };
    }

    private static void CheckKnown(JsonObject parameters)
    {
        if (parameters.ContainsKey("cancel_at") && parameters.Flag("cancel_at_period_end") == true)
        {
            throw StripeException.Invalid("You may only specify one of these parameters: cancel_at, cancel_at_period_end.", "cancel_at", "parameters_exclusive");
        }

        if (parameters.Text("payment_behavior") is "pending_if_incomplete")
        {
            throw StripeException.Invalid("`payment_behavior=pending_if_incomplete` cannot be used when creating a subscription.", "payment_behavior");
        }

        Refuse(parameters, "backdate_start_date", "billing_cycle_anchor", "billing_cycle_anchor_config", "billing_schedules", "billing_thresholds", "pending_invoice_item_interval");
        if (parameters.Text("collection_method") is "send_invoice")
        {
            throw StripeException.Invalid("The sandbox's Stripe knows subscriptions that charge automatically only.", "collection_method");
        }
    }

    /// <summary>What this simulator would otherwise ignore in silence.</summary>
    public static void Refuse(JsonObject parameters, params string[] names)
    {
        foreach (var name in names.Where(n => parameters.ContainsKey(n) && !parameters.IsEmptied(n)))
        {
            throw StripeException.Invalid($"The sandbox's Stripe does not know `{name}` yet.", name);
        }
    }

    private static JsonObject List(Call call)
    {
        var parameters = call.Parameters;
        var (customer, status, price) = (parameters.Text("customer"), parameters.Text("status"), parameters.Text("price") ?? parameters.Text("plan"));
        var created = CreatedRange.From(parameters["created"]);
        var (starts, ends) = (CreatedRange.From(parameters["current_period_start"]), CreatedRange.From(parameters["current_period_end"]));
        var ofPeriod = parameters.ContainsKey("current_period_start") || parameters.ContainsKey("current_period_end");
        return Lists.Page(
            call,
            call.Work.NewestFirst(Type).Where(s =>
                created.Contains(s.Created)
                && (customer is null || string.Equals(customer, s.Filter("customer"), StringComparison.Ordinal))
                && HasStatus(s.Filter("status")!)
                && ((price is null && !ofPeriod) || HasItem(call.Work.Find(s.Id)!))),
            s => s.Id,
            s => call.Work.Find(s.Id)!.DeepClone(),
            id => call.Work.Find(id, Type) is not null,
            "subscription");

        // Canceled ones are shown only when they are asked for.
        bool HasStatus(string own) => status switch
        {
            null => own is not "canceled",
            "all" => true,
            "ended" => own is "canceled" or "incomplete_expired",
            _ => string.Equals(own, status, StringComparison.Ordinal),
        };

        bool HasItem(JsonObject subscription) => SubscriptionCycles.ItemsOf(subscription).Any(i =>
            (price is null || string.Equals(i.Hash("price").Text("id"), price, StringComparison.Ordinal))
            && starts.Contains(i.Integer("current_period_start")!.Value) && ends.Contains(i.Integer("current_period_end")!.Value));
    }
}
