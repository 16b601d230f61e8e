/**
 * Set with effect PreferNoSchedule for as long as a roll works on the node: alerts know by it that its reboot is
 * planned, also where somebody has uncordoned the node in the meantime.
 */
export const PLANNED_REBOOT_TAINT = 'selfheal.dev/planned-reboot';
