using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Payments.Domain.Notifications;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Payments.Disputes;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Payments.Webhooks;
using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Infrastructure.Database.Mappings;

/// <summary>How our types look in PostgreSQL: ids as uuid, enums as camelCase text, names in snake_case.</summary>
internal static class Conventions
{
    public static void Apply(ModelConfigurationBuilder builder)
    {
        builder.Properties<UserId>().HaveConversion<UserIdConverter>();
        builder.Properties<PaymentId>().HaveConversion<PaymentIdConverter>();
        builder.Properties<RefundId>().HaveConversion<RefundIdConverter>();
        builder.Properties<DisputeId>().HaveConversion<DisputeIdConverter>();
        builder.Properties<CreditPackId>().HaveConversion<CreditPackIdConverter>();
        builder.Properties<PlanId>().HaveConversion<PlanIdConverter>();
        builder.Properties<ItemId>().HaveConversion<ItemIdConverter>();
        builder.Properties<ProductId>().HaveConversion<ProductIdConverter>();
        builder.Properties<OrderId>().HaveConversion<OrderIdConverter>();
        builder.Properties<CreditLotId>().HaveConversion<CreditLotIdConverter>();
        builder.Properties<CreditHoldId>().HaveConversion<CreditHoldIdConverter>();
        builder.Properties<SubscriptionId>().HaveConversion<SubscriptionIdConverter>();
        builder.Properties<InvoiceId>().HaveConversion<InvoiceIdConverter>();
        Enum<ItemType>(builder);
        Enum<OrderStatus>(builder);
        Enum<CancelReason>(builder);
        Enum<UndeliveredReason>(builder);
        Enum<SubscriptionStatus>(builder);
        Enum<CollectionPause>(builder);
        Enum<EndingReason>(builder);
        Enum<InvoiceStatus>(builder);
        Enum<BillingReason>(builder);
        Enum<PaymentStatus>(builder);
        Enum<PaymentKind>(builder);
        Enum<PaymentFlow>(builder);
        Enum<MismatchDecision>(builder);
        Enum<RefundPolicy>(builder);
        Enum<BillingInterval>(builder);
        Enum<AccessState>(builder);
        Enum<RefundStatus>(builder);
        Enum<RefundReason>(builder);
        Enum<RefundOrigin>(builder);
        Enum<DisputeStatus>(builder);
        Enum<AttemptOutcome>(builder);
        Enum<WebhookEventStatus>(builder);
        Enum<NotificationStatus>(builder);
        Enum<CreditTransactionKind>(builder);
        Enum<CreditAccount>(builder);
        Enum<CreditHoldStatus>(builder);
    }

    public static void NameColumns(ModelBuilder model)
    {
        foreach (var entity in model.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties().Where(p => p.FindAnnotation(RelationalAnnotationNames.ColumnName) is null))
            {
                property.SetColumnName(SnakeCase(property.Name));
            }
        }
    }

    /// <summary>The text that an enum value has in the database and on the API.</summary>
    public static string Text<T>(T value)
        where T : struct, Enum => EnumText<T>.ToText[value];

    public static T Value<T>(string text)
        where T : struct, Enum => EnumText<T>.ToValue[text];

    private static void Enum<T>(ModelConfigurationBuilder builder)
        where T : struct, Enum => builder.Properties<T>().HaveConversion<EnumConverter<T>>();

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    private static class EnumText<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> ToText = System.Enum.GetValues<T>().ToFrozenDictionary(v => v, v => JsonNamingPolicy.CamelCase.ConvertName(v.ToString()));
        public static readonly FrozenDictionary<string, T> ToValue = ToText.ToFrozenDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal);
    }

    private sealed class EnumConverter<T>() : ValueConverter<T, string>(v => Text(v), v => Value<T>(v))
        where T : struct, Enum;

    private sealed class UserIdConverter() : ValueConverter<UserId, Guid>(id => id.Value, value => new UserId(value));

    private sealed class PaymentIdConverter() : ValueConverter<PaymentId, Guid>(id => id.Value, value => new PaymentId(value));

    private sealed class SubscriptionIdConverter() : ValueConverter<SubscriptionId, Guid>(id => id.Value, value => new SubscriptionId(value));

    private sealed class InvoiceIdConverter() : ValueConverter<InvoiceId, Guid>(id => id.Value, value => new InvoiceId(value));
    private sealed class RefundIdConverter() : ValueConverter<RefundId, Guid>(id => id.Value, value => new RefundId(value));

    private sealed class DisputeIdConverter() : ValueConverter<DisputeId, Guid>(id => id.Value, value => new DisputeId(value));

    private sealed class CreditPackIdConverter() : ValueConverter<CreditPackId, Guid>(id => id.Value, value => new CreditPackId(value));

    private sealed class PlanIdConverter() : ValueConverter<PlanId, Guid>(id => id.Value, value => new PlanId(value));

    private sealed class ItemIdConverter() : ValueConverter<ItemId, Guid>(id => id.Value, value => new ItemId(value));

    private sealed class ProductIdConverter() : ValueConverter<ProductId, Guid>(id => id.Value, value => new ProductId(value));

    private sealed class OrderIdConverter() : ValueConverter<OrderId, Guid>(id => id.Value, value => new OrderId(value));

    private sealed class CreditLotIdConverter() : ValueConverter<CreditLotId, Guid>(id => id.Value, value => new CreditLotId(value));

    private sealed class CreditHoldIdConverter() : ValueConverter<CreditHoldId, Guid>(id => id.Value, value => new CreditHoldId(value));
}
