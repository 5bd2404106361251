using Microsoft.OpenApi;

namespace Payments.Api.Edge.Documents;

/// <summary>What the calls of a controller are headed by, in the order in which the document shows them.</summary>
internal static class Headings
{
    private static readonly (string Controller, string Name, string Description)[] All =
    [
        ("CreditPacks", "Credit packs", "The credit packs on sale. Anybody may read the catalog; it is cached and has an ETag."),
        ("CreditAmount", "Free amounts of credits", "What a free amount of credits costs."),
        ("Plans", "Plans", "The subscriptions on sale."),
        ("Items", "Items", "Courses, learning paths and labs on sale."),
        ("Products", "Products", "What is sold by the piece, with what is in stock."),
        ("Checkout", "Checkout", "Starting to pay, and coming back. Prices are the catalog's, never the caller's."),
        ("Payments", "Payments", "What the caller paid, tried to pay, and got back."),
        ("Refunds", "Refunds", "Giving money back, and what that would take back."),
        ("PaymentMethods", "Saved cards", "Cards that later payments take. Only brand, last four digits and expiry are ever known here."),
        ("Purchases", "Purchases", "Items that were bought: owned once, given back within their window."),
        ("Orders", "Orders", "Products with stock: reserved when ordered, theirs when paid, free again when not."),
        ("Subscriptions", "Subscriptions", "Trial, change with its price shown first, cancel, resume, pause."),
        ("Invoices", "Invoices", "Invoices with their lines, taxes and PDF."),
        ("Profile", "Profile", "Who the caller is here, and what there is to spend."),
        ("Access", "Access", "Whether the caller may use a thing."),
        ("Notifications", "Notifications", "What people are told: listed, live, and by email as they prefer."),
        ("Credits", "Internal: credits", "How our own services spend credits: at once, or set aside and then captured or released. Never below zero."),
        ("Entitlements", "Internal: entitlements", "Credits and subscriptions that our own services give."),
        ("UserAccess", "Internal: access", "Whether somebody may use a thing, for our own services."),
        ("StripeWebhook", "Webhooks", "What Stripe tells us, signed. 2xx only when it is stored."),
        ("AdminPayments", "Admin: payments", "Any payment with all that belongs to it."),
        ("AdminUsers", "Admin: people", "Finding people, all that happened to them, why they may use a thing; forgetting them."),
        ("WebhookEvents", "Admin: webhook events", "The stored events: what came, what became of it, and once more."),
        ("Disputes", "Admin: disputes", "Payments that a bank questions, and until when to answer."),
        ("Analytics", "Admin: analytics", "Revenue and subscriptions in figures."),
        ("Exports", "Admin: exports", "The books as CSV."),
        ("Ledger", "Admin: ledger", "The proof that the books balance."),
        ("AuditLog", "Admin: audit log", "What staff did, and tried to do."),
        ("AdminCreditPacks", "Admin: credit packs", "Editing the credit packs."),
        ("AdminPlans", "Admin: plans", "Editing the plans, and bringing the provider's prices in."),
        ("AdminItems", "Admin: items", "Editing the items."),
        ("AdminProducts", "Admin: products", "Editing the products and their stock."),
        ("Health", "Health", "Whether the process lives and can work."),
    ];

    /// <summary>The heading of a controller's calls; of one that is not listed its own name, which a test of the document refuses.</summary>
    public static string Of(string controller) => Array.Find(All, heading => heading.Controller == controller).Name ?? controller;

    /// <summary>Those that are used, in their order, and with what they are about.</summary>
    public static HashSet<OpenApiTag> Of(OpenApiDocument document)
    {
        var used = document.Paths.Values.SelectMany(path => path.Operations ?? []).SelectMany(operation => operation.Value.Tags ?? new HashSet<OpenApiTagReference>()).Select(tag => tag.Reference.Id).ToHashSet();
        return [.. All.Where(heading => used.Contains(heading.Name)).Select(heading => new OpenApiTag { Name = heading.Name, Description = heading.Description })];
    }
}
