using Microsoft.Extensions.Logging;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Refunds;

/// <summary>What a person must look at: money that does not go back by itself. Alert rules match these event ids.</summary>
internal static partial class RefundAlarms
{
    [LoggerMessage(9004, LogLevel.Error, "Automatic refund {RefundId} of payment {PaymentId} failed ({Reason}): money that is not ours to keep is still with us")]
    public static partial void Stuck(ILogger logger, RefundId refundId, PaymentId paymentId, string? reason);
}
