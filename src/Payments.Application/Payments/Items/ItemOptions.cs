using Payments.Domain.Payments.Catalog;

namespace Payments.Application.Payments.Items;

/// <summary>In how many days after payment a buyer may give an item back without asking. An item may say otherwise.</summary>
public sealed record ItemOptions
{
    /// <summary><c>PURCHASE_REFUND_DAYS_COURSE</c>, by default <c>PURCHASE_REFUND_DAYS</c>, 30.</summary>
    public int CourseRefundDays { get; init; } = 30;

    /// <summary><c>PURCHASE_REFUND_DAYS_LEARNING_PATH</c>.</summary>
    public int LearningPathRefundDays { get; init; } = 30;

    /// <summary><c>PURCHASE_REFUND_DAYS_LAB</c>.</summary>
    public int LabRefundDays { get; init; } = 30;

    internal int RefundWindowOf(Item item) => item.RefundWindowDays ?? item.Type switch
    {
        ItemType.Course => CourseRefundDays,
        ItemType.LearningPath => LearningPathRefundDays,
        _ => LabRefundDays,
    };
}
